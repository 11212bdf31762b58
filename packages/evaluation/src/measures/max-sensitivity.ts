import type { AsyncExplainOptions } from '@clearmaps/deconvnet/graph';
import type { ExplainedNet } from '../explained-net.ts';

export interface SensitivityOptions
  extends Pick<AsyncExplainOptions, 'rule' | 'seed' | 'reduction' | 'signal'> {
  readonly classIndex: number;
  /** r: each input value moves by at most so much. */
  readonly radius: number;
  /** How many neighbours are tried, all in one batch. */
  readonly samples: number;
  /** Uniform integers 0..2^32-1. */
  readonly next: () => number;
}

/**
 * How much a map changes at most when the image changes a little (Yeh et al. 2019, "On the (In)fidelity and
 * Sensitivity of Explanations", definition 2, by Monte Carlo): max ||R(x + d) - R(x)|| / ||R(x)|| over d uniform in
 * [-r, r] for each value. 0 is a map that stays as it is.
 *
 * @param image [H, W, C]
 * @returns 0 for a map of zeros that stays one, Infinity for one that does not
 */
export async function maxSensitivity(
  net: ExplainedNet,
  image: Float32Array,
  { classIndex, radius, samples, next, ...options }: SensitivityOptions,
): Promise<number> {
  const batch = new Float32Array((samples + 1) * image.length);
  batch.set(image);
  for (let i = image.length; i < batch.length; i++) {
    batch[i] = image[i % image.length]! + radius * (next() / 2 ** 31 - 1);
  }
  const { maps } = await net.explain(batch, { ...options, classes: [classIndex] });
  const pixels = maps.length / (samples + 1);
  const own = maps.subarray(0, pixels);
  const moves = Array.from({ length: samples }, (_, s) => {
    const other = maps.subarray((s + 1) * pixels, (s + 2) * pixels);
    return Math.hypot(...own.map((value, pixel) => other[pixel]! - value));
  });
  const most = Math.max(...moves);
  return most === 0 ? 0 : most / Math.hypot(...own);
}
