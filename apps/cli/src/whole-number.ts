import { UsageError } from './errors.ts';

/** A flag's value. @throws UsageError unless it is a whole number from `least` */
export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError({ asked: flag, got: `"${text}"`, allowed: `whole numbers from ${least}` });
}
