import { hsvToRgb } from '@clearmaps/colormap';
import { converter } from 'culori';
import { expect, test } from 'vitest';
import { random } from './random.ts';

test('HSV to RGB gives the six pure hues exactly', () => {
  const pure = [0, 60, 120, 180, 240, 300].map((hue) => hsvToRgb(hue, 1, 1));
  expect(pure).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [0, 1, 0],
    [0, 1, 1],
    [0, 0, 1],
    [1, 0, 1],
  ]);
});

test('HSV to RGB agrees with culori on 2,000 random colours', () => {
  const next = random(6);
  const toRgb = converter('rgb');
  for (let i = 0; i < 2000; i++) {
    const [h, s, v] = [360 * next(), next(), next()];
    const { r, g, b } = toRgb({ mode: 'hsv', h, s, v });
    const ours = hsvToRgb(h, s, v);
    for (const [channel, expected] of [r, g, b].entries()) expect(ours[channel]).toBeCloseTo(expected, 12);
  }
});

test('hues wrap round the circle in both directions', () => {
  expect(hsvToRgb(-90, 0.5, 0.75)).toEqual(hsvToRgb(270, 0.5, 0.75));
  expect(hsvToRgb(720, 0.5, 0.75)).toEqual(hsvToRgb(0, 0.5, 0.75));
});
