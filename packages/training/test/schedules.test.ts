import { describe, expect, test } from 'vitest';
import { learningRate, type Schedule } from '../src/index.ts';
import { checkSchedule } from '../src/schedules.ts';

const rates = (schedule: Schedule, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => learningRate(schedule, step, steps));

describe('schedules', () => {
  test('one cycle begins at rate / startDivisor, peaks at rate and ends at rate / endDivisor', () => {
    const got = rates({ type: 'oneCycle', rate: 2, warmup: 0.25, startDivisor: 10, endDivisor: 1000 }, 101);
    expect(got[0]).toBeCloseTo(0.2, 12);
    expect(got[25]).toBeCloseTo(2, 12);
    expect(got[100]).toBeCloseTo(0.002, 12);
    expect(Math.max(...got)).toBe(got[25]);
    got.slice(1).forEach((rate, i) => {
      expect(Math.sign(rate - got[i]!)).toBe(i < 25 ? 1 : -1);
    });
  });

  test('one cycle has the defaults of its description', () => {
    const got = rates({ type: 'oneCycle', rate: 1 }, 11);
    expect(got[0]).toBeCloseTo(1 / 25, 12);
    expect(got[3]).toBeCloseTo(1, 12);
    expect(got[10]).toBeCloseTo(1e-4, 12);
  });

  test('cosine falls from rate to 0, half-way at half', () => {
    const got = rates({ type: 'cosine', rate: 3 }, 11);
    expect(got[0]).toBe(3);
    expect(got[5]).toBeCloseTo(1.5, 12);
    expect(got[10]).toBe(0);
  });

  test('cosine with warmup rises in equal steps first, never from 0', () => {
    const got = rates({ type: 'cosine', rate: 1, warmup: 0.4, endDivisor: 10 }, 11);
    expect(got.slice(0, 5)).toEqual([0.2, 0.4, 0.6, 0.8, 1].map((rate) => expect.closeTo(rate, 12)));
    expect(got[10]).toBeCloseTo(0.1, 12);
  });

  test('a run of one step is defined', () => {
    for (const type of ['constant', 'cosine', 'oneCycle'] as const) {
      expect(learningRate({ type, rate: 1 }, 0, 1)).toBeGreaterThanOrEqual(0);
    }
  });

  test.each<[string, unknown]>([
    ['type', { type: 'steps', rate: 1 }],
    ['rate', { type: 'constant', rate: 0 }],
    ['rate', { type: 'cosine', rate: Number.POSITIVE_INFINITY }],
    ['warmup', { type: 'oneCycle', rate: 1, warmup: 0 }],
    ['warmup', { type: 'cosine', rate: 1, warmup: 1 }],
    ['endDivisor', { type: 'cosine', rate: 1, endDivisor: 0.5 }],
    ['startDivisor', { type: 'oneCycle', rate: 1, startDivisor: Number.NaN }],
  ])('refuse a %s out of range', (name, schedule) => {
    expect(() => checkSchedule(schedule as Schedule)).toThrow(new RegExp(`${name}: got`));
  });
});
