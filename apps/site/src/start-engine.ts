import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { type Backend, BackendError, type Clearmaps, createClearmaps } from 'clearmaps';
import { inWorker } from 'clearmaps/worker';
import { inWorkers } from 'clearmaps/workers';
import { SiteError } from './errors.ts';

export const BACKENDS = ['auto', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendChoice = (typeof BACKENDS)[number];

/** A backend in a Web Worker, whose name tells the worker which one it is. */
export function backendInWorker(choice: BackendChoice): Backend {
  return inWorker(() => startWorker(choice));
}

/** The same in as many workers as the machine has room for, which share the classes of a picture among them. */
export function backendInWorkers(choice: BackendChoice): Backend {
  return inWorkers(() => startWorker(choice));
}

function startWorker(choice: BackendChoice): Worker {
  return new Worker(new URL('./clear-worker.ts', import.meta.url), { type: 'module', name: choice });
}

/**
 * A model on the chosen backend.
 *
 * @throws SiteError with the reason why it cannot run.
 */
export async function startEngine(
  model: LayerGraph,
  choice: BackendChoice,
  backendOf = backendInWorker,
): Promise<Clearmaps> {
  const backend = backendOf(choice);
  let refusal: unknown;
  const open: Backend['open'] = (graph, onChange) =>
    backend.open(graph, onChange).catch((error: unknown) => {
      refusal = error;
      throw error;
    });
  try {
    return await createClearmaps({ model, backends: [{ ...backend, open }] });
  } catch (cause) {
    if (!(refusal instanceof BackendError)) throw refusal ?? cause;
    throw new SiteError({
      asked: 'this backend',
      got: refusal.details.got,
      remedy: 'Choose another one; “Best here” takes the first that runs.',
      cause,
    });
  }
}
