/** A mean, and where it lies: 95 % by the normal approximation. */
export interface Mean {
  readonly mean: number;
  readonly interval: readonly [low: number, high: number];
  readonly count: number;
}

/** @param values at least one; of a single one the interval is the value itself */
export function meanOf(values: readonly number[]): Mean {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1);
  const half = 1.959964 * Math.sqrt(variance / count);
  return { mean, interval: [mean - half, mean + half], count };
}
