import { ColormapError, type Scale, strength } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { random } from './random.ts';

const response = Float32Array.of(-2, 0, 1, 2, 4);

test('strength clips at zero and divides by the maximum unless told', () => {
  expect([...strength(response)]).toEqual([0, 0, 0.25, 0.5, 1]);
});

test('a fixed full strength makes pictures comparable and saturates at 1', () => {
  expect([...strength(response, { scale: { fixed: 2 } })]).toEqual([0, 0, 0.5, 1, 1]);
});

test('a percentile is taken of the positive responses, linear between neighbours', () => {
  expect([...strength(response, { scale: { percentile: 50 } })]).toEqual([0, 0, 0.5, 1, 1]);
  // Positions 0, 1, 2 hold 1, 2, 4: 75 % is position 1.5, so 3.
  expect(strength(response, { scale: { percentile: 75 } })[2]).toBeCloseTo(1 / 3, 6);
});

test('the hundredth percentile is the maximum', () => {
  expect(strength(response, { scale: { percentile: 100 } })).toEqual(strength(response, { scale: 'max' }));
});

test('per-class divides by the maximum among the pixels of the same class', () => {
  const classes = Int32Array.of(7, 7, 3, 3, 9);
  const value = strength(Float32Array.of(1, 4, 5, 10, -1), { scale: 'per-class' }, classes);
  expect([...value]).toEqual([0.25, 1, 0.5, 1, 0]);
});

test('gamma is applied to the ratio', () => {
  expect([...strength(response, { gamma: 0.5 })]).toEqual([0, 0, 0.5, Math.fround(Math.SQRT1_2), 1]);
});

test('where nothing is positive every scale gives zero everywhere', () => {
  const scales: Scale[] = ['max', 'per-class', { fixed: 1 }, { percentile: 99 }];
  for (const scale of scales) {
    for (const value of [0, -3]) {
      expect([...strength(new Float32Array(4).fill(value), { scale }, new Int32Array(4))]).toEqual([
        0, 0, 0, 0,
      ]);
    }
  }
});

test('strength stays in 0..1 and never reverses an order, whatever the scale', () => {
  const next = random(11);
  for (const scale of ['max', { fixed: 0.3 }, { percentile: 80 }] as const) {
    const values = Float32Array.from({ length: 400 }, () => next() * 2 - 1).sort();
    const value = strength(values, { scale, gamma: 0.7 });
    for (let i = 1; i < value.length; i++) expect(value[i]).toBeGreaterThanOrEqual(value[i - 1]!);
    expect(value[0]).toBe(0);
    expect(value.at(-1)).toBe(1);
  }
});

test('scaling all responses by a positive factor changes nothing under max', () => {
  expect(strength(response.map((value) => value * 1024))).toEqual(strength(response));
});

test('NaN and infinities are refused with their place', () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    expect(() => strength(Float32Array.of(1, bad))).toThrow(ColormapError);
    expect(() => strength(Float32Array.of(1, bad))).toThrow(`${bad} at index 1`);
  }
});

test('scales and gammas that make no sense are refused', () => {
  const bad = [
    { fixed: 0 },
    { fixed: Infinity },
    { percentile: 101 },
    { percentile: -1 },
    'sum',
    null,
    {},
  ] as Scale[];
  for (const scale of bad) expect(() => strength(response, { scale })).toThrow(ColormapError);
  expect(() => strength(response, { scale: 'sum' as Scale })).toThrow('scale: got "sum"; allowed: "max"');
  for (const gamma of [0, -1, Number.NaN, Infinity]) {
    expect(() => strength(response, { gamma })).toThrow('gamma');
  }
  expect(() => strength(response, { scale: 'per-class' })).toThrow('no classes');
  expect(() => strength(response, { scale: 'per-class' }, new Int32Array(2))).toThrow('2 values');
});
