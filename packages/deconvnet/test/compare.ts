import { expect } from 'vitest';

export const largest = (values: ArrayLike<number>): number => {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
};

/** max |actual - expected| / max |expected|; where all is expected to be 0, max |actual|. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    // Math.max keeps a NaN, where a comparison would lose it.
    worst = Math.max(worst, difference);
  }
  return worst / (largest(expected) || 1);
}

/** The tolerance of golden/README.md: float32 stays within 1e-5 of the largest value. */
export const TOLERANCE = 1e-5;

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = TOLERANCE,
): void {
  expect(relativeError(actual, expected), what).toBeLessThanOrEqual(tolerance);
}
