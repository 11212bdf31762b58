import type { AsyncExplainOptions, Explanation, Prediction } from '@clearmaps/deconvnet/graph';

/** A net that decides and explains: every `Clearmaps` and `Engine` of the package clearmaps is one. */
export interface ExplainedNet {
  /** Number of classes N. */
  readonly classCount: number;
  /** R(x|c) of a batch [B, H, W, C]. */
  explain(images: Float32Array, options?: AsyncExplainOptions): Promise<Explanation>;
  /** Class scores of a batch, [B, N]. */
  predict(images: Float32Array): Promise<Prediction>;
}
