import { startChosenBackend } from './backends.ts';

/** What a worker thread of `train` and `bench --train` runs first: the backend that the main thread runs on. */
export default async function startWorkerBackend(name: string): Promise<void> {
  await startChosenBackend(name);
}
