import { expect } from 'vitest';

/** Within 1e-4 of the largest. */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  const largest = Array.from(want).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = Array.from(want).reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
  expect(largest).toBeGreaterThan(0);
  expect(worst / largest).toBeLessThan(1e-4);
}
