import { against, binaryMap, type CommonScale, heatmap } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { pixels } from './pixels.ts';

const sides = {
  response: Float32Array.of(8, 3, 1, 2, -1),
  against: Float32Array.of(4, 6, 1, 4, -2),
  width: 5,
  height: 1,
};

test('the hot side runs black, red, yellow, white, and the other side black to green', () => {
  const strengths = [0, 0.1875, 0.375, 0.5625, 0.75, 0.875, 1];
  const full = { width: strengths.length, height: 1, scale: { fixed: 1 } };
  const none = new Float32Array(strengths.length);
  const ramp = Float32Array.from(strengths);
  expect(pixels(heatmap({ ...full, response: ramp, against: none }))).toEqual([
    [0, 0, 0],
    [128, 0, 0],
    [255, 0, 0],
    [255, 128, 0],
    [255, 255, 0],
    [255, 255, 128],
    [255, 255, 255],
  ]);
  expect(pixels(heatmap({ ...full, response: none, against: ramp }))).toEqual(
    [0, 48, 96, 143, 191, 223, 255].map((green) => [0, green, 0]),
  );
});

test('both sides share one scale, a tie is hot, and negative winners are black', () => {
  expect(pixels(heatmap(sides))).toEqual([
    [255, 255, 255],
    [0, 191, 0],
    [85, 0, 0],
    [0, 128, 0],
    [0, 0, 0],
  ]);
});

test('a scale of its own for each class is refused, for strengths must compare', () => {
  expect(() => heatmap({ ...sides, scale: 'per-class' as CommonScale })).toThrow('no classes');
});

test('the binary map is red for and blue against where the response is significant', () => {
  const red = [255, 0, 0];
  const blue = [64, 96, 255];
  const black = [0, 0, 0];
  expect(pixels(binaryMap(sides))).toEqual([red, blue, red, blue, black]);
  expect(pixels(binaryMap({ ...sides, threshold: 0.5 }))).toEqual([red, blue, black, blue, black]);
  expect(pixels(binaryMap({ ...sides, threshold: 1 }))).toEqual([red, black, black, black, black]);
  expect(pixels(binaryMap({ ...sides, threshold: 1, scale: { fixed: 0.1 } }))).toEqual(
    pixels(binaryMap({ ...sides, threshold: 0 })),
  );
});

test('binary map and heatmap take the same side at every pixel', () => {
  const responses = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.sin(i * i));
  const split = {
    response: responses.subarray(64, 128),
    against: against(responses, [3, 8, 8], 1),
    width: 8,
    height: 8,
  };
  const heat = pixels(heatmap(split));
  const coloured = pixels(binaryMap(split)).flatMap(([red, , blue], i) => (red || blue ? [{ red, i }] : []));
  expect(coloured.length).toBeGreaterThan(32);
  for (const { red, i } of coloured) expect(heat[i]![0]! > 0).toBe(red === 255);
});

test('without any positive response both maps are black, even at threshold zero', () => {
  const nothing = { response: Float32Array.of(0, -1), against: Float32Array.of(-1, 0), width: 2, height: 1 };
  const black = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  expect(pixels(heatmap(nothing))).toEqual(black);
  expect(pixels(binaryMap({ ...nothing, threshold: 0 }))).toEqual(black);
});

test('wrong lengths, NaN and thresholds out of range are refused', () => {
  const bad = { ...sides, against: Float32Array.of(1, 1, 1, 1, Number.NaN) };
  expect(() => heatmap(bad)).toThrow('against: got NaN at index 4');
  expect(() => binaryMap(bad)).toThrow('against: got NaN at index 4');
  expect(() => heatmap({ ...sides, height: 2 })).toThrow('5 values');
  expect(() => binaryMap({ ...sides, threshold: 1.1 })).toThrow('from 0 to 1');
  expect(() => binaryMap({ ...sides, threshold: Number.NaN })).toThrow('got NaN');
});
