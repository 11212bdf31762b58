import {
  type AsyncExplainOptions,
  createExplainer,
  type Explanation,
  type LayerGraph,
  type NetworkInput,
  type Prediction,
} from '@clearmaps/deconvnet';
import { type ActiveBackend, type Backend, startBackend } from './backend.ts';

export interface ClearmapsOptions {
  /** The net to explain. */
  readonly model: LayerGraph;
  /** Tried in order. */
  readonly backends: readonly Backend[];
}

/** A model on a backend, ready to explain. */
export interface Clearmaps {
  readonly model: LayerGraph;
  readonly backend: ActiveBackend;
  /** See `Explainer.explain` of @clearmaps/deconvnet: shapes, options and errors are the same. */
  explain(input: NetworkInput, options?: AsyncExplainOptions): Promise<Explanation>;
  /** Class scores, [B, N]. */
  predict(input: NetworkInput): Promise<Prediction>;
  dispose(): void;
}

/**
 * Starts a backend and puts a model on it.
 *
 * @throws BackendError when no backend of the list starts; GraphError, UnsupportedLayerError, MissingKernelError
 *   when the model does not fit.
 */
export async function createClearmaps({ model, backends }: ClearmapsOptions): Promise<Clearmaps> {
  const backend = await startBackend(backends);
  const explainer = createExplainer(model);
  return {
    model,
    backend,
    explain: (input, options) => explainer.explain(input, options),
    predict: (input) => explainer.predict(input),
    dispose: () => explainer.dispose(),
  };
}
