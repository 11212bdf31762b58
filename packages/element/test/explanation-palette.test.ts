import { classHex, classPalette } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { explanationPalette } from '../src/index.ts';

const explained = (count: number, classes: readonly number[]) => ({
  shape: [2, 1, 1, 1] as const,
  classes,
  probabilities: new Float32Array(2 * count),
});

test('in a small model a class has its colour, whatever else is explained', () => {
  expect(explanationPalette(explained(10, [7, 3]), 'safe-ten')).toEqual(classPalette(10, 'safe-ten'));
});

const hexes = (classes: readonly number[]) => {
  const palette = explanationPalette(explained(1000, classes));
  return classes.map((c) => classHex(palette, c));
};
const ten = Array.from({ length: 10 }, (_, c) => classHex(classPalette(10), c));

test('in a large model the explained classes have colours that are far apart, and the rest is grey', () => {
  expect(hexes([151, 157, 999]).sort()).toEqual([0, 1, 2].map((c) => classHex(classPalette(3), c)).sort());
  expect(classHex(explanationPalette(explained(1000, [151, 157, 999])), 5)).toBe('#999999');
});

test('the first of ten has the colour that its index ends in; others have theirs where it is free', () => {
  const others = [3, 13, 24, 35, 46, 57, 68, 79, 90];
  expect(hexes([151, ...others])).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 0, 2].map((place) => ten[place]));
  expect(hexes([152, 151, 3, 13, 24, 35, 46, 57, 68, 79])[0]).toBe(ten[2]);
  const breeds = [159, 151, 155, 152, 160, 153, 154, 156, 157, 158];
  expect(hexes(breeds)).toEqual(breeds.map((c) => ten[c % 10]));
});

test('a class that is asked for beside the ten leaves them their places', () => {
  const breeds = [159, 151, 155, 152, 160, 153, 154, 156, 157, 158];
  const eleven = Array.from({ length: 11 }, (_, c) => classHex(classPalette(11), c));
  expect(hexes([...breeds, 7])).toEqual([...breeds.map((c) => eleven[c % 10]), eleven[10]]);
});
