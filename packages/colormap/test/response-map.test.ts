import { responseMap } from '@clearmaps/colormap';
import {
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
} from 'culori';
import { expect, test } from 'vitest';
import { pixels } from './pixels.ts';

test('positive is red, negative blue, zero neutral, on a symmetric scale', () => {
  const map = responseMap({ response: Float32Array.of(-2, -1, 0, 1, 0.5), width: 5, height: 1 });
  expect(pixels(map)).toEqual([
    [33, 102, 172],
    [146, 197, 222],
    [247, 247, 247],
    [244, 165, 130],
    [246, 206, 189],
  ]);
});

test('values beyond a fixed scale keep the end colours', () => {
  const map = responseMap({ response: Float32Array.of(-9, 9), width: 2, height: 1, scale: { fixed: 1 } });
  expect(pixels(map)).toEqual([
    [33, 102, 172],
    [178, 24, 43],
  ]);
});

test('a map of zeros is neutral throughout', () => {
  expect(pixels(responseMap({ response: new Float32Array(2), width: 1, height: 2 }))).toEqual([
    [247, 247, 247],
    [247, 247, 247],
  ]);
});

test('the two signs stay apart for colour-blind people', () => {
  const difference = differenceCiede2000();
  const shades = pixels(
    responseMap({ response: Float32Array.of(-1, -0.5, 0.5, 1), width: 4, height: 1, scale: { fixed: 1 } }),
  ).map(([r, g, b]) => ({ mode: 'rgb' as const, r: r! / 255, g: g! / 255, b: b! / 255 }));
  for (const sight of [filterDeficiencyDeuter(1), filterDeficiencyProt(1), filterDeficiencyTrit(1)]) {
    const [blue, lightBlue, lightRed, red] = shades.map(sight);
    expect(difference(blue!, red!)).toBeGreaterThan(30);
    expect(difference(lightBlue!, lightRed!)).toBeGreaterThan(20);
  }
});

test('wrong lengths and NaN are refused', () => {
  expect(() => responseMap({ response: new Float32Array(3), width: 2, height: 2 })).toThrow('3 values');
  expect(() => responseMap({ response: Float32Array.of(Number.NaN), width: 1, height: 1 })).toThrow('NaN');
});
