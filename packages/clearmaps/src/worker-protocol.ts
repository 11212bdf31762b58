import type { AsyncExplainOptions, Explanation, LayerGraph, Prediction } from '@clearmaps/deconvnet/graph';
import type { ActiveBackend } from './backend.ts';
import type { TransferredError } from './transferred-error.ts';

/** What a thread answers: an error keeps its details, see {@link TransferredError}. */
export type Answer<T> = { readonly value: T } | { readonly error: TransferredError };

/** What a worker offers to the page, through comlink. */
export interface WorkerHost {
  open(
    graph: LayerGraph,
    onChange: (backend: ActiveBackend) => void,
  ): Promise<Answer<{ readonly backend: ActiveBackend; readonly classCount: number }>>;
  /** @param call by which `abort` names it; undefined where it cannot be aborted */
  explain(
    call: number | undefined,
    input: Float32Array,
    options: Omit<AsyncExplainOptions, 'signal' | 'onProgress'>,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Answer<Explanation>>;
  predict(input: Float32Array): Promise<Answer<Prediction>>;
  featureMap(input: Float32Array): Promise<Answer<Float32Array>>;
  abort(call: number): void;
  dispose(): Promise<void>;
}
