import { UsageError } from './errors.ts';

/** A flag's value. @throws UsageError unless it is a whole number, from `least` where there is one */
export function wholeNumber(flag: string, text: string, least = Number.NEGATIVE_INFINITY): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  const from = Number.isFinite(least) ? ` from ${least}` : '';
  throw new UsageError({ asked: flag, got: `"${text}"`, allowed: `whole numbers${from}` });
}
