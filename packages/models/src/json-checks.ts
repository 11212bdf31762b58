import { ModelFileError } from './errors.ts';

export type JsonObject = { readonly [key: string]: unknown };

/** @throws ModelFileError when the value is no object. */
export function asObject(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new ModelFileError({ asked: where, got: describe(value), allowed: 'an object' });
}

/** @throws ModelFileError when the value is no array. */
export function asArray(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ModelFileError({ asked: where, got: describe(value), allowed: 'an array' });
}

/** @throws ModelFileError when the value is no text, or an empty one. */
export function asText(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ModelFileError({ asked: where, got: describe(value), allowed: 'a text that is not empty' });
}

/** @throws ModelFileError when the value is not one of those allowed. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[], where: string): T {
  if (allowed.includes(value as T)) return value as T;
  throw new ModelFileError({
    asked: where,
    got: describe(value),
    allowed: allowed.map((text) => `"${text}"`).join(', '),
  });
}

/** @throws ModelFileError when the value is no array of whole numbers from 1, or of another length than asked for. */
export function asSizes(value: unknown, where: string, length?: number): number[] {
  const sizes = asArray(value, where);
  const fits = length === undefined || sizes.length === length;
  if (fits && sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= 1))
    return sizes as number[];
  throw new ModelFileError({
    asked: where,
    got: describe(value),
    allowed: `${length === undefined ? '' : `${length} `}whole numbers from 1`,
  });
}

/** @throws ModelFileError when the value is no finite number. */
export function asNumber(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ModelFileError({ asked: where, got: describe(value), allowed: 'a finite number' });
}

/** A value in at most 80 characters. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
