import { expect, test } from 'vitest';
import { ClearmapsError, checkOptionNames } from '../src/index.ts';

class ShapeError extends ClearmapsError {}

const names = { width: true, height: true, onDone: true } as const;
type Options = { width?: number; height?: number; onDone?: () => void };

test('an option that there is not is refused, with those that there are', () => {
  const options = { width: 3, heigth: 4 } as Options;
  const check = (): void => checkOptionNames<Options>('draw', options, names, ShapeError);
  expect(check).toThrow(ShapeError);
  expect(check).toThrow('draw: got an option "heigth"; allowed: width, height, onDone.');
});

test('options that there are go through, set or not', () => {
  checkOptionNames<Options>('draw', {}, names);
  checkOptionNames<Options>('draw', { width: 3, onDone: undefined }, names);
});

test('where there are none, none is the nearest', () => {
  expect(() => checkOptionNames<object>('cpu', { threads: 2 }, {})).toThrow(
    /^cpu: got an option "threads"; allowed: none\.$/,
  );
});

test('what an object inherits is no option', () => {
  const options = { toString: 1 } as unknown as Options;
  expect(() => checkOptionNames<Options>('draw', options, names)).toThrow(/an option "toString"/);
});
