import { against, ColormapError } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { random } from './random.ts';

test('against is the largest response of the other classes, signs kept', () => {
  const responses = Float32Array.of(5, -1, 2, -3, 3, -2);
  expect([...against(responses, [3, 1, 2], 0)]).toEqual([3, -2]);
  expect([...against(responses, [3, 1, 2], 2)]).toEqual([5, -1]);
});

test('against does not depend on the true class', () => {
  const next = random(3);
  const responses = Float32Array.from({ length: 4 * 6 }, () => next() - 0.5);
  const before = against(responses, [4, 2, 3], 1);
  responses.fill(100, 6, 12);
  expect(against(responses, [4, 2, 3], 1)).toEqual(before);
});

test('wrong shapes, single classes, classes out of range and NaN are refused', () => {
  const two = new Float32Array(2);
  expect(() => against(two, [1, 1, 2], 0)).toThrow('integers >= 2');
  expect(() => against(two, [2, 1, 2], 0)).toThrow('4 values');
  expect(() => against(two, [2, 1, 1], 2)).toThrow('0 to 1');
  expect(() => against(two, [2, 1, 1], 0.5)).toThrow(ColormapError);
  expect(() => against(Float32Array.of(0, Number.NaN), [2, 1, 1], 0)).toThrow('NaN at index 1');
});
