import { expect, test } from 'vitest';
import { cropWindow } from '../src/augmentation/crop-window.ts';
import { Random } from '../src/index.ts';

const windows = (...[options]: [Parameters<typeof cropWindow>[0]]) =>
  Array.from({ length: 2000 }, (_, seed) => cropWindow(options, Random.stream(seed)));

test('windows lie within the picture, with areas and aspects of the ranges', () => {
  const found = windows({ area: [0.25, 0.75] });
  for (const { top, left, height, width } of found) {
    expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
    expect(Math.max(top + height, left + width)).toBeLessThanOrEqual(1 + 1e-12);
    expect(height * width).toBeGreaterThanOrEqual(0.25 - 1e-9);
    expect(height * width).toBeLessThanOrEqual(0.75 + 1e-9);
    expect(width / height).toBeGreaterThanOrEqual(3 / 4 - 1e-9);
    expect(width / height).toBeLessThanOrEqual(4 / 3 + 1e-9);
  }
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(found.map(({ height, width }) => height * width))).toBeCloseTo(0.5, 1);
  expect(mean(found.map(({ height, width }) => Math.log(width / height)))).toBeCloseTo(0, 1);
  expect(mean(found.map(({ top, height }) => top + height / 2))).toBeCloseTo(0.5, 1);
  expect(mean(found.map(({ left, width }) => left + width / 2))).toBeCloseTo(0.5, 1);
});

test('an area too large for its aspect keeps the area and takes the nearest aspect that fits', () => {
  for (const { height, width } of windows({ area: [0.9, 0.9], aspect: [4, 4] })) {
    expect(width).toBe(1);
    expect(height).toBeCloseTo(0.9, 9);
  }
});

test('the whole picture is the whole picture', () => {
  expect(cropWindow({ area: [1, 1] }, Random.stream(1))).toEqual({ top: 0, left: 0, height: 1, width: 1 });
});
