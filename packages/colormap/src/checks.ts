import { ColormapError } from './errors.ts';

/** @throws ColormapError unless `value` is an integer of at least `least`. */
export function requireInteger(value: number, least: number, asked: string): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ColormapError({ asked, got: String(value), allowed: `integers >= ${least}` });
}

/** @throws ColormapError unless `value` lies in [least, most]. */
export function requireBetween(value: number, least: number, most: number, asked: string): void {
  if (value >= least && value <= most) return;
  throw new ColormapError({ asked, got: String(value), allowed: `numbers from ${least} to ${most}` });
}

/** @throws ColormapError unless there are exactly `expected` values. */
export function requireLength(values: ArrayLike<unknown>, expected: number, asked: string): void {
  if (values.length === expected) return;
  throw new ColormapError({ asked, got: `${values.length} values`, allowed: `${expected} values` });
}

/** @throws ColormapError at the first NaN or infinity. */
export function requireFinite(values: ArrayLike<number>, asked: string): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new ColormapError({
      asked,
      got: `${values[i]} at index ${i}`,
      allowed: 'finite numbers',
      remedy: 'Look for an overflow or a division by zero where the responses were computed.',
    });
  }
}
