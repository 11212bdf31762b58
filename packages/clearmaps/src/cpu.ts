import '@tensorflow/tfjs-backend-cpu';
import { type TfjsBackend, tfjsBackend } from './tfjs-backend.ts';

export type { TfjsBackend } from './tfjs-backend.ts';

/** Plain JavaScript: runs everywhere, ten to a hundred times slower than wasm. The reference of `verify`. */
export function cpu(): TfjsBackend {
  return tfjsBackend({ name: 'cpu' });
}
