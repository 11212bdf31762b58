import { extname } from 'node:path';
import type { GradientSourceFactory } from '@clearmaps/training';
import { parallelGradients } from '@clearmaps/training/node';

/** Beside this file, both in src, as .ts, and in dist. */
const BACKEND_MODULE = new URL(`./worker-backend${extname(import.meta.url)}`, import.meta.url);

/**
 * Where a training computes its gradients: in so many threads, or in this one alone for 1.
 *
 * @param backend that runs here, by name
 */
export function gradientsOf(workers: number, backend: string): GradientSourceFactory | undefined {
  if (workers === 1) return undefined;
  return parallelGradients({ workers, backend: { module: BACKEND_MODULE, argument: backend } });
}
