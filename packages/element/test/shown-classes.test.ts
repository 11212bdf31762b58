import { expect, test } from 'vitest';
import { shownClasses } from '../src/index.ts';

test('a class that is soloed, pinned or off changes who competes', () => {
  const classes = [0, 1, 2, 3];
  expect(shownClasses(classes, { pinned: [], off: [2] })).toEqual([0, 1, 3]);
  expect(shownClasses(classes, { pinned: [3, 1, 7], off: [] })).toEqual([1, 3]);
  expect(shownClasses(classes, { pinned: [3, 1], off: [1] })).toEqual([3]);
  expect(shownClasses(classes, { solo: 2, pinned: [3], off: [2] })).toEqual([2]);
  expect(shownClasses(classes, { solo: 9, pinned: [], off: [] })).toEqual(classes);
});
