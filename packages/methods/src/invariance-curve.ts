import type { Units } from './units.ts';

export interface InvariancePoint {
  /** Of the change, in its own measure: pixels, degrees, times as large. */
  readonly amount: number;
  readonly response: number;
  /** Over the response to the image unchanged; NaN where that is 0. */
  readonly share: number;
}

/**
 * How a unit's response changes as its input is shifted, turned or scaled (Zeiler & Fergus 2014, figure 5; Goodfellow
 * et al. 2009): a flat curve is an invariant unit.
 *
 * @param image [H, W, C], unchanged
 * @param change gives the image, [H, W, C], changed by an amount
 */
export async function invarianceCurve(
  units: Units,
  unit: number,
  image: Float32Array,
  amounts: readonly number[],
  change: (amount: number) => Float32Array,
): Promise<InvariancePoint[]> {
  const images = new Float32Array(image.length * (amounts.length + 1));
  images.set(image);
  for (const [i, amount] of amounts.entries()) images.set(change(amount), (i + 1) * image.length);
  const [before, ...after] = await units.respond(unit, images);
  return amounts.map((amount, i) => ({
    amount,
    response: after[i]!,
    share: before === 0 ? Number.NaN : after[i]! / before!,
  }));
}
