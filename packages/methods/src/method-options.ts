import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { checkOptionNames } from '@clearmaps/errors';
import { MethodError } from './errors.ts';

/** A number that a method takes. */
export interface NumberOption {
  readonly kind: 'number';
  /** Unless told; where it depends on the net, `unlessTold` says how and this is undefined. */
  readonly value?: number;
  readonly unlessTold?: string;
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
  readonly help: string;
}

/** One word out of a few. */
export interface WordOption {
  readonly kind: 'word';
  readonly value?: string;
  readonly unlessTold?: string;
  /** A function where they depend on the net, as names of layers do. */
  readonly choices: readonly string[] | ((graph: LayerGraph) => readonly string[]);
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, NumberOption | WordOption>>;

type Told<O> = O extends { readonly kind: 'number' } ? number : string;

/** What a method gets: a value for each of its options, undefined where that depends on the net. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends { readonly value: number | string }
    ? Told<T[K]>
    : Told<T[K]> | undefined;
};

/**
 * Checks what a caller told a method, and fills in the rest.
 *
 * @throws MethodError naming the option, what came and what is allowed.
 */
export function optionValues<T extends OptionTable>(
  method: string,
  table: T,
  told: Readonly<Record<string, unknown>>,
): OptionValues<T> {
  checkOptionNames(`method ${method}`, told, table, MethodError);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table)) {
    const value = told[name] ?? option.value;
    if (value !== undefined && !isAllowed(option, value)) {
      throw new MethodError({
        asked: `method ${method}: ${name}`,
        got: typeof value === 'number' ? String(value) : JSON.stringify(value),
        allowed: allowedValues(option),
      });
    }
    values[name] = value;
  }
  return values as OptionValues<T>;
}

/** The words of an option; undefined where they depend on a net and none is given. */
export function choicesOf({ choices }: WordOption, graph?: LayerGraph): readonly string[] | undefined {
  return typeof choices === 'function' ? graph && choices(graph) : choices;
}

/** The range of an option in words, of a net where one is given: `whole numbers from 1`. */
export function allowedValues(option: NumberOption | WordOption, graph?: LayerGraph): string {
  if (option.kind === 'word') return choicesOf(option, graph)?.join(', ') ?? 'a name';
  const { whole, least, most } = option;
  const range = [least !== undefined && `from ${least}`, most !== undefined && `to ${most}`].filter(Boolean);
  return [whole ? 'whole numbers' : 'numbers', ...range].join(' ');
}

/** Whether a method takes this value of an option; without a net, what depends on it may be any word. */
export function isAllowed(option: NumberOption | WordOption, value: unknown, graph?: LayerGraph): boolean {
  if (option.kind === 'word') {
    return typeof value === 'string' && value !== '' && (choicesOf(option, graph)?.includes(value) ?? true);
  }
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, whole } = option;
  return (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= least &&
    value <= most &&
    (!whole || Number.isSafeInteger(value))
  );
}
