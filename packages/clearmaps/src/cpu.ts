import '@tensorflow/tfjs-backend-cpu';
import type { Backend } from './backend.ts';

/** Plain JavaScript: runs everywhere, ten to a hundred times slower than wasm. The reference of `verify`. */
export function cpu(): Backend {
  return { name: 'cpu' };
}
