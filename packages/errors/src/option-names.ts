import { ClearmapsError, type ErrorDetails } from './clearmaps-error.ts';

/** The options that a function knows, by name: the compiler misses the one that is left out. */
export type OptionNames<O> = Readonly<Record<keyof O, unknown>>;

/**
 * What plain JavaScript lets through: an option that nobody reads, most often one misspelt.
 *
 * @param asked the function: `createClearmaps`
 * @throws `Refusal` naming the option and those that there are
 */
export function checkOptionNames<O extends object>(
  asked: string,
  options: O,
  names: OptionNames<O>,
  Refusal: new (details: ErrorDetails) => ClearmapsError = ClearmapsError,
): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  throw new Refusal({
    asked,
    got: `an option "${unknown}"`,
    allowed: Object.keys(names).join(', ') || 'none',
  });
}
