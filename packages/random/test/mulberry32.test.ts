import { expect, test } from 'vitest';
import { mulberry32, shuffle, streamFor } from '../src/index.ts';

test('mulberry32 gives the published sequence', () => {
  // Reference: the C program of Tommy Ettinger's gist, seed 0, first three outputs.
  const next = mulberry32(0);
  expect([next(), next(), next()]).toEqual([1144304738, 1416247, 958946056]);
});

test('the stream of an index depends on nothing drawn before, and the same numbers come on every machine', () => {
  expect([0, 1, 2 ** 32].map((index) => streamFor(7, index)())).toEqual([1081873489, 2825629938, 15565169]);
  const numbers = Array.from({ length: 200 }, (_, index) => streamFor(7, index)());
  expect(new Set(numbers).size).toBe(200);
});

test('a shuffle from a seed is always the same', () => {
  expect(shuffle([0, 1, 2, 3, 4, 5, 6, 7], mulberry32(1))).toEqual([2, 1, 6, 7, 4, 3, 0, 5]);
});
