import { expect, test } from 'vitest';
import { evenlyOverClasses } from '../src/index.ts';

/** Four of class 0, two of class 1, three of class 2, as folders give them. */
const labels = [0, 0, 0, 0, 1, 1, 2, 2, 2];

test.each([
  [1, [0]],
  [2, [0, 4]],
  [3, [0, 4, 6]],
  [5, [0, 1, 4, 5, 6]],
  [7, [0, 1, 2, 4, 5, 6, 7]],
  [8, [0, 1, 2, 4, 5, 6, 7, 8]],
  [9, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [Number.POSITIVE_INFINITY, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
])('the first %i images come from all classes in turn', (most, expected) => {
  expect(evenlyOverClasses(labels, most)).toEqual(expected);
});

test('the order of the set is kept, and classes may be missing', () => {
  expect(evenlyOverClasses([7, 2, 7, 2, 2], 3)).toEqual([0, 1, 3]);
  expect(evenlyOverClasses([], 3)).toEqual([]);
});
