import type {
  AsyncExplainOptions,
  ChangedWindows,
  ChangeOptions,
  Explanation,
  LayerGraph,
  Prediction,
} from '@clearmaps/deconvnet/graph';

/**
 * All that a method asks of what computes a net. `createClearmaps` on every backend gives one, and so do
 * `createExplainer` of @clearmaps/deconvnet and `createNativeExplainer` of @clearmaps/onnx.
 */
export interface Engine {
  /** Class scores of [B, H, W, C], [B, N]. */
  predict(input: Float32Array): Promise<Prediction>;
  /** Class scores of one image [H, W, C] with some values changed, [n, N] for n changed windows. */
  predictChanges(image: Float32Array, windows: ChangedWindows, options?: ChangeOptions): Promise<Prediction>;
  /** Calls that it works on side by side, where it has threads to share them out to. Default 1. */
  readonly callsAtOnce?: number;
  /** z_L, [B, h, w, N]. */
  featureMap(input: Float32Array): Promise<Float32Array>;
  /** R(x|c) by one sweep of a rule. */
  explain(input: Float32Array, options?: AsyncExplainOptions): Promise<Explanation>;
  dispose(): void | Promise<void>;
}

/** Puts a net on an engine: methods that look inside open parts of the net, and dispose of them. */
export type OpenEngine = (graph: LayerGraph) => Engine | Promise<Engine>;
