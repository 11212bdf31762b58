import { add, mul, reshape, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Fraction } from './fractions.ts';
import type { KernelPart } from './layer-rules.ts';

/**
 * Relevance through one layer: x' * (W'^T (R * factor / z)), summed over shares and wires; see layer-rules.ts.
 *
 * @param divide gives R * factor / z from the inverse, in whatever form `through` takes it; not kept
 * @param through the layer's way back with a part of its kernel: [n*B, h, w, c] of each input
 * @returns [n*B, h, w, c] of each input
 */
export function relevanceThrough<R extends Tensor>(
  fractions: readonly Fraction[],
  divide: (inverse: Tensor4D) => R,
  through: (ratio: R, kernel: KernelPart) => readonly Tensor4D[],
): Tensor4D[] {
  let sums: Tensor4D[] | undefined;
  for (const { inverse, wires } of fractions) {
    for (const { kernel, inputs } of wires) {
      const before = sums;
      sums = tidy(() =>
        through(divide(inverse), kernel).map((back, i) => {
          const part = inputs[i] ? timesEachImage(back, inputs[i]) : back;
          return before === undefined ? part : add<Tensor4D>(before[i]!, part);
        }),
      );
      for (const sum of before ?? []) sum.dispose();
    }
  }
  return sums!;
}

/** Multiplies the n responses of each of B images, [n*B, ...], by what belongs to the image, [B, ...]. */
export function timesEachImage(responses: Tensor4D, values: Tensor4D): Tensor4D {
  return tidy(() =>
    reshape(mul(reshape(responses, [-1, values.size]), reshape(values, [1, -1])), responses.shape),
  );
}
