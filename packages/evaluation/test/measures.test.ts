import { mulberry32 } from '@clearmaps/random';
import { describe, expect, test } from 'vitest';
import {
  changedClassShare,
  classCorrelation,
  correlation,
  energyShare,
  giniIndex,
  maskDifference,
  maxSensitivity,
  meanOf,
  rankCorrelation,
} from '../src/index.ts';
import { linearNet } from './linear-net.ts';

describe('sparsity', () => {
  test('is 0 for a constant map and for none', () => {
    expect(giniIndex(new Float32Array(10).fill(2))).toBe(0);
    expect(giniIndex(new Float32Array(10))).toBe(0);
  });

  test('is 1 - 1/P where one pixel has everything, whatever its sign', () => {
    expect(giniIndex(Float32Array.of(0, 0, -3, 0))).toBe(0.75);
  });

  test('of 1, 2, 3, 4 is 1/4', () => {
    expect(giniIndex(Float32Array.of(3, 1, 4, 2))).toBe(0.25);
  });
});

describe('maximum sensitivity', () => {
  const options = { classIndex: 0, radius: 0.5, samples: 3 };

  test('of a map that follows its one pixel is the largest move over the pixel', async () => {
    const draws = mulberry32(7);
    const moves = Array.from({ length: 3 }, () => 0.5 * (draws() / 2 ** 31 - 1));
    const image = Float32Array.of(4);
    const sensitivity = await maxSensitivity(linearNet([[2], [0]]), image, {
      ...options,
      next: mulberry32(7),
    });
    expect(sensitivity).toBeCloseTo(Math.max(...moves.map(Math.abs)) / 4, 6);
  });

  test('of a map that stays zero is 0', async () => {
    const net = linearNet([
      [0, 0],
      [1, 1],
    ]);
    expect(await maxSensitivity(net, Float32Array.of(1, 2), { ...options, next: mulberry32(1) })).toBe(0);
  });
});

describe('correlation', () => {
  const map = Float32Array.of(1, 5, 2, 9);

  test('is 1 with a scaled map, -1 with its negative, 0 with a constant one', () => {
    expect(
      correlation(
        map,
        map.map((value) => 3 * value + 1),
      ),
    ).toBeCloseTo(1, 12);
    expect(
      correlation(
        map,
        map.map((value) => -value),
      ),
    ).toBeCloseTo(-1, 12);
    expect(correlation(map, new Float32Array(4).fill(7))).toBe(0);
  });

  test('of ranks sees the order alone, equal values sharing a rank', () => {
    expect(
      rankCorrelation(
        map,
        map.map((value) => value ** 3),
      ),
    ).toBeCloseTo(1, 12);
    // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: covariance 4.5, variances 4.5 and 5.
    expect(rankCorrelation(Float32Array.of(0, 1, 1, 2), Float32Array.of(0, 1, 2, 3))).toBeCloseTo(
      Math.sqrt(0.9),
      12,
    );
  });
});

describe('classes', () => {
  const one = { dominantClass: Int32Array.of(0, 1, 1, 2), dominantResponse: Float32Array.of(3, 1, 0, 0) };
  const other = { dominantClass: Int32Array.of(0, 2, 2, 0), dominantResponse: Float32Array.of(1, 1, 1, -1) };

  test('that change are counted among the pixels that lit up in either map', () => {
    expect(changedClassShare(one, other)).toBe(2 / 3);
    expect(changedClassShare(one, one)).toBe(0);
  });

  test('share a map by their positive responses', () => {
    expect(energyShare(one, 0)).toBe(0.75);
    expect(energyShare(one, 2)).toBe(0);
  });

  test('have masks that differ by what only one of them covers', () => {
    expect(maskDifference(Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 1, 1, 0))).toBe(2 / 3);
    expect(maskDifference(Uint8Array.of(1, 0), Uint8Array.of(1, 0))).toBe(0);
    expect(maskDifference(Uint8Array.of(1, 0), Uint8Array.of(0, 1))).toBe(1);
  });

  test('with one map for all correlate fully', () => {
    const map = Float32Array.of(1, 2, 4);
    expect(classCorrelation([map, map, map])).toBeCloseTo(1, 12);
    expect(classCorrelation([map, map.map((value) => -value)])).toBeCloseTo(-1, 12);
  });
});

test('a mean lies within 1.96 standard errors', () => {
  const { mean, interval, count } = meanOf([1, 2, 3, 4]);
  const half = 1.959964 * Math.sqrt(5 / 3 / 4);
  expect([mean, count]).toEqual([2.5, 4]);
  expect(interval[0]).toBeCloseTo(2.5 - half, 12);
  expect(interval[1]).toBeCloseTo(2.5 + half, 12);
});
