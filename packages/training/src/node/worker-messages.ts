import type { LabelledImages } from '@clearmaps/datasets';
import type { LayerGraph } from '@clearmaps/deconvnet';
import type { BatchAugmentation } from '../batches.ts';
import type { StepResult } from '../trainer.ts';

/**
 * How a worker thread gets its TensorFlow.js backend, which this package never chooses: a module whose default
 * export starts one. It is called with `argument` and may return a promise.
 */
export interface WorkerBackend {
  /** As `import()` takes it, so a `file:` URL rather than a relative path. */
  readonly module: string | URL;
  /** Anything that can be cloned into a worker: the name of a backend, say. */
  readonly argument?: unknown;
}

/** What a worker is born with. */
export interface WorkerStart {
  readonly graph: LayerGraph;
  readonly labelSmoothing: number;
  readonly freeze: readonly string[];
  readonly backend: { readonly module: string; readonly argument: unknown };
  /** The weights that learn, set before each step: see shared-values.ts. */
  readonly weights: SharedArrayBuffer;
  /** Where this worker leaves their gradients. */
  readonly gradients: SharedArrayBuffer;
}

/** A worker's share of a step. */
export interface WorkerTask {
  /** The images of the share and no others. */
  readonly data: LabelledImages;
  readonly augmentation?: BatchAugmentation;
  readonly dropout: readonly number[];
  /** Place of the share's first image in the whole batch. */
  readonly first: number;
}

export type WorkerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly result: StepResult }
  /** An error does not cross threads with its class: name and message do. */
  | { readonly type: 'failed'; readonly name: string; readonly message: string; readonly stack?: string };
