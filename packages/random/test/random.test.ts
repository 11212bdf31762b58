import { describe, expect, test } from 'vitest';
import { Random } from '../src/index.ts';

const draw = (random: Random, count = 5): number[] => Array.from({ length: count }, () => random.next());

describe('Random', () => {
  test('a saved state goes on where it stopped', () => {
    const random = Random.stream(1);
    draw(random, 17);
    const copy = new Random(random.state);
    expect(draw(copy)).toEqual(draw(random));
  });

  test('the same path gives the same stream, any other another', () => {
    const paths = [[1], [2], [1, 0], [0, 1], [1, 0, 0], [-1], [2 ** 32 + 1], [1, 2], [2, 1]];
    const streams = paths.map((path) => String(draw(Random.stream(...path))));
    expect(new Set(streams).size).toBe(paths.length);
    expect(String(draw(Random.stream(1, 2)))).toBe(streams[7]);
  });

  test('streams of neighbouring paths are uniform and do not follow one another', () => {
    const firsts = Array.from({ length: 4000 }, (_, i) => Random.stream(1, 1, i).uniform());
    const mean = firsts.reduce((a, b) => a + b, 0) / firsts.length;
    const follow = firsts.slice(1).reduce((sum, value, i) => sum + (value - 0.5) * (firsts[i]! - 0.5), 0);
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.abs(follow / firsts.length) * 12).toBeLessThan(0.06);
    expect(Math.min(...firsts)).toBeLessThan(0.002);
    expect(Math.max(...firsts)).toBeGreaterThan(0.998);
  });

  test('follows the recurrence of sfc32, worked out by hand from (0, 0, 0, 1)', () => {
    expect(draw(new Random([0, 0, 0, 1]), 4)).toEqual([1, 2, 12, 9 + 9 * 0x200002 + 4]);
  });

  test('shuffles to a permutation, every item in every place alike', () => {
    const random = Random.stream(3);
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let i = 0; i < 4000; i++) {
      const order = random.shuffle([0, 1, 2, 3]);
      expect([...order].sort()).toEqual([0, 1, 2, 3]);
      order.forEach((item, place) => {
        counts[item]![place]!++;
      });
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
