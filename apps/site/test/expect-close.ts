import { expect } from 'vitest';
import { largest, relativeError } from '../../../packages/deconvnet/test/compare.ts';

/** Within 1e-4 of the largest. */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  expect(largest(want)).toBeGreaterThan(0);
  expect(relativeError(got, want)).toBeLessThan(1e-4);
}
