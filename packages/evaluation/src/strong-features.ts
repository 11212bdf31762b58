import type { Reduction } from '@clearmaps/deconvnet/graph';
import { EvaluationError } from './errors.ts';

/** From this share of a map's maximum on, a pixel counts as a strong feature. */
export const DEFAULT_THRESHOLD = 0.1;

/**
 * How colours become one number where strong features are looked for: by magnitude. In a signed sum the colours of an
 * edge cancel, and what is left of a house number without its strong features still tells it (docs/table1.md).
 */
export const STRONG_FEATURE_REDUCTION: Reduction = 'l2';

/**
 * The strong features of a class (CLEAR, section 4.3: "regions responsible for the activations of the kernel
 * associated with the class"): the pixels with R(x|c) > threshold * max R(x|c). The paper gives no threshold.
 *
 * @param map [P], R(x|c) of one image, signed
 * @param threshold 0 (every positive response) to below 1
 * @returns [P], 1 where a pixel is one; all 0 where no response is positive
 * @throws EvaluationError on another threshold
 */
export function strongFeatures(map: Float32Array, threshold: number): Uint8Array {
  if (!(threshold >= 0 && threshold < 1)) {
    throw new EvaluationError({ asked: 'threshold', got: String(threshold), allowed: '0 to below 1' });
  }
  const least = threshold * map.reduce((most, value) => Math.max(most, value), 0);
  return Uint8Array.from(map, (value) => Number(value > least));
}

/**
 * The strongest pixels of a map, for comparisons at equal area: at most so many, fewer where fewer responses are
 * positive. Of equal responses the first in row-major order.
 *
 * @param map [P]
 * @param count 0 to P
 * @returns [P], 1 where a pixel is among them
 */
export function strongestPixels(map: Float32Array, count: number): Uint8Array {
  return firstPixels(map, count).map((kept, pixel) => kept * Number(map[pixel]! > 0));
}

/**
 * The pixels that come first by falling response, positive or not: exactly so many, so that no mask is spared for
 * having little to say.
 *
 * @param map [P]
 * @param count 0 to P
 * @returns [P], 1 where a pixel is among them
 */
export function firstPixels(map: Float32Array, count: number): Uint8Array {
  const mask = new Uint8Array(map.length);
  for (const pixel of byFallingResponse(map).subarray(0, count)) mask[pixel] = 1;
  return mask;
}

/** [P]: the pixels by falling response, the first in row-major order among equals. */
export function byFallingResponse(map: Float32Array): Int32Array {
  return Int32Array.from(map.keys()).sort((a, b) => map[b]! - map[a]! || a - b);
}
