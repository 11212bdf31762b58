import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { enableProdMode, setBackend } from '@tensorflow/tfjs-core';

/** What the workers of the tests start: see `WorkerBackend`. */
export default async function startBackend(name: string): Promise<void> {
  enableProdMode();
  if (name === 'broken') throw new RangeError('no such backend.');
  if (name === 'dead') process.exit(3);
  if (name !== 'none') await setBackend(name);
}
