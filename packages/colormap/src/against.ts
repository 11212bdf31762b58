import { requireFinite, requireInteger, requireLength } from './checks.ts';
import { ColormapError } from './errors.ts';

/**
 * What speaks against a class: at each pixel the largest response of all other classes (CLEAR,
 * section 4.2: "max operation across the individual output responses").
 *
 * @param responses [N, H, W], one channel a class (reduce colour first), N >= 2.
 * @param shape [N, H, W].
 * @param trueClass index in the model's class list, as ordered in `responses`.
 * @returns [H*W], signed, unscaled.
 * @throws ColormapError on a wrong length, fewer than two classes, a class out of range, NaN or infinity.
 */
export function against(
  responses: Float32Array,
  [classCount, height, width]: readonly [classCount: number, height: number, width: number],
  trueClass: number,
): Float32Array {
  requireInteger(classCount, 2, 'against: number of classes');
  requireLength(
    responses,
    classCount * height * width,
    `against: responses [${classCount}, ${height}, ${width}]`,
  );
  requireFinite(responses, 'against: responses');
  if (!(Number.isInteger(trueClass) && trueClass >= 0 && trueClass < classCount)) {
    throw new ColormapError({
      asked: 'against: true class',
      got: String(trueClass),
      allowed: `0 to ${classCount - 1}`,
    });
  }
  const pixels = height * width;
  const strongest = new Float32Array(pixels).fill(-Infinity);
  for (let c = 0; c < classCount; c++) {
    if (c === trueClass) continue;
    for (let pixel = 0; pixel < pixels; pixel++) {
      strongest[pixel] = Math.max(strongest[pixel]!, responses[c * pixels + pixel]!);
    }
  }
  return strongest;
}
