/** In `dominantClass`: none of the asked classes, but one of the others. */
export const OTHERS = -1;

/**
 * What every engine answers, as typed arrays, row-major: B images, n asked classes or groups, N classes in the
 * model.
 */
export interface Explanation {
  /** [B, H, W, C] of the input. */
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  /** Indices in the model's class list; where groups were asked for, their numbers 0 to n - 1. */
  readonly classes: readonly number[];
  /** [B, N], before the softmax. */
  readonly logits: Float32Array;
  /** [B, N]. */
  readonly probabilities: Float32Array;
  /** There where the forward pass computed in float64, so that no sign and no switch was left to rounding. */
  readonly forward?: 'float64';
  /** R(x|c), CLEAR eq. 3: [B, n, H, W, C]. Only where asked for, and where they do not go to `onClasses`. */
  readonly responses?: Float32Array;
  /** R(x|c) with its channels reduced: [B, n, H, W]. Empty where `maps: false` was asked for. */
  readonly maps: Float32Array;
  /** Of the layers asked for, in that order. */
  readonly layers?: readonly LayerResponses[];
  /** Sum of the positive values of each map: [B, n]. */
  readonly evidence: Float32Array;
  /** Where asked for: the largest map value of all classes that were not, signed, [B, H, W]. */
  readonly others?: Float32Array;
  /** CLEAR eq. 4: one of `classes`, or {@link OTHERS} where these lead: [B, H, W]. */
  readonly dominantClass: Int32Array;
  /** CLEAR eq. 5, signed and unscaled: [B, H, W]. */
  readonly dominantResponse: Float32Array;
}

/** What a way back had at the output of one layer that it passed. */
export interface LayerResponses {
  readonly name: string;
  /** [B, h, w, c] of the layer's output; rank 1 as [B, 1, 1, c]. */
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  /** What arrives there: [B, n, h, w, c]. */
  readonly responses: Float32Array;
  /**
   * Of a max pool: where each window had its first maximum, as y * W + x in the map of width W that the pool
   * received, [B, h, w, c]. The same on all backends that agree on the values in a window.
   */
  readonly switches?: Int32Array;
}

/** [B, N] each. */
export interface Prediction {
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
}
