import { describe, expect, test } from 'vitest';
import { elasticField } from '../src/augmentation/elastic-field.ts';
import { Random } from '../src/index.ts';

const SIZE = { height: 12, width: 15 };
const FIELDS = 3000;

const manyFields = (smoothness: number) =>
  Array.from({ length: FIELDS }, (_, seed) =>
    elasticField(SIZE, { strength: 2, smoothness }, Random.stream(seed)),
  );

/** Over many fields: the mean product of the displacements of two pixels, in shares of the strength squared. */
function covariance(fields: ReturnType<typeof manyFields>, one: number, other: number): number {
  const products = fields.map(({ down, right }) => down[one]! * down[other]! + right[one]! * right[other]!);
  return products.reduce((a, b) => a + b, 0) / (2 * FIELDS * 4);
}

const at = (row: number, column: number): number => row * 15 + column;

describe('elasticField', () => {
  test.each([0.4, 1, 2.5, 4, 30])(
    'displaces by the strength, in the middle as at the borders: smoothness %s',
    (smoothness) => {
      const fields = manyFields(smoothness);
      for (const place of [at(0, 0), at(5, 7), at(11, 14), at(3, 0)]) {
        // 6,000 draws: a standard error of 1.8 %.
        expect(Math.abs(covariance(fields, place, place) - 1)).toBeLessThan(0.08);
      }
    },
  );

  test('makes neighbours alike as noise at every pixel would, smoothed by the same Gaussian', () => {
    const smoothness = 3;
    const fields = manyFields(smoothness);
    for (const [one, other, distance] of [
      [at(5, 7), at(5, 9), 2],
      [at(2, 3), at(6, 3), 4],
      [at(2, 3), at(5, 7), 5],
    ] as const) {
      // A Gaussian convolved with itself: twice the variance.
      const expected = Math.exp(-(distance ** 2) / (4 * smoothness ** 2));
      expect(Math.abs(covariance(fields, one, other) - expected)).toBeLessThan(0.06);
    }
  });

  test('moves down and to the right independently, and is the same for the same stream', () => {
    const { down, right } = elasticField(SIZE, { strength: 2 }, Random.stream(1));
    expect(down).not.toEqual(right);
    expect(elasticField(SIZE, { strength: 2 }, Random.stream(1))).toEqual({ down, right });
    expect(elasticField(SIZE, { strength: 2, smoothness: 4 }, Random.stream(1))).toEqual({ down, right });
  });

  test('of no strength moves nothing', () => {
    const { down, right } = elasticField(SIZE, { strength: 0 }, Random.stream(1));
    expect([...down, ...right].every((value) => value === 0)).toBe(true);
  });
});
