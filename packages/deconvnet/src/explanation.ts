/** What every engine answers, as typed arrays, row-major: B images, n asked classes, N classes in the model. */
export interface Explanation {
  /** [B, H, W, C] of the input. */
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  readonly classes: readonly number[];
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
  readonly responses?: Float32Array;
  readonly maps: Float32Array;
  readonly dominantClass: Int32Array;
  readonly dominantResponse: Float32Array;
}

/** [B, N] each. */
export interface Prediction {
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
}
