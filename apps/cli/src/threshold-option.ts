import { UsageError } from './errors.ts';

/** The thresholds of `--threshold sweep`. */
export const SWEEP: readonly number[] = [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/** `sweep`, or a share of the map's maximum. @throws UsageError */
export function parseThreshold(text: string): number | 'sweep' {
  if (text === 'sweep') return text;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw new UsageError({ asked: '--threshold', got: `"${text}"`, allowed: 'sweep, or 0 to below 1' });
}
