import { UsageError } from './errors.ts';

/** A flag's value, names with commas between: each once, in the order given. @throws UsageError */
export function chosenNames(flag: string, text: string, allowed: readonly string[]): string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError({
    asked: flag,
    got: `"${unknown}"`,
    allowed: `${allowed.join(', ')}, with commas between`,
  });
}
