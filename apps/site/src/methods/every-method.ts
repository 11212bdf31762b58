import { DEFAULT_SEED, type Seed } from '@clearmaps/deconvnet/graph';
import {
  isAllowed,
  METHODS,
  type Method,
  type MethodName,
  type NumberOption,
  type WordOption,
} from '@clearmaps/methods';

export {
  allowedValues,
  choicesOf,
  FAMILIES,
  isAllowed,
  METHOD_NAMES,
  METHODS,
} from '@clearmaps/methods';
export { openMethod } from './open-method.ts';

/** What a method starts from unless told; of those that start from a seed. */
export function startOf(method: MethodName): Seed {
  const { seed }: Method['options'] = METHODS[method].options;
  return (seed?.value as Seed | undefined) ?? DEFAULT_SEED;
}

/**
 * Options that the page has a field for. What a method starts from has a switch of its own, and how many variants go
 * through the net at once is the page's to say.
 */
export function optionsOf(method: MethodName): Readonly<Record<string, NumberOption | WordOption>> {
  const { options }: Method = METHODS[method];
  const offered = Object.entries(options).filter(([name]) => !['seed', 'batch'].includes(name));
  return Object.fromEntries(offered);
}

/** `window=5` as an option of a method and its value; undefined for what the method does not take. */
export function readSetting(
  method: MethodName,
  text: string,
): [name: string, value: number | string] | undefined {
  const [, name = '', told = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const options = optionsOf(method);
  if (!Object.hasOwn(options, name)) return undefined;
  const option = options[name]!;
  const value = option.kind === 'number' ? Number(told) : told;
  return isAllowed(option, value) ? [name, value] : undefined;
}
