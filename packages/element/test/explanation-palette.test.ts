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

test('in a large model the explained classes have colours that are far apart, and the rest is grey', () => {
  const palette = explanationPalette(explained(1000, [151, 157, 999]));
  const alone = classPalette(3);
  expect([151, 157, 999].map((c) => classHex(palette, c))).toEqual([0, 1, 2].map((c) => classHex(alone, c)));
  expect(classHex(palette, 5)).toBe('#999999');
});
