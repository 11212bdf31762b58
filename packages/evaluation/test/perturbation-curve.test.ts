import { describe, expect, test } from 'vitest';
import {
  areaOver,
  areaUnder,
  byFallingResponse,
  type Perturbation,
  perturbationCurves,
} from '../src/index.ts';
import { linearNet } from './linear-net.ts';

// Four pixels of a linear model: their parts of the score are 4/8, 2/8, 1/8, 1/8.
const net = linearNet([
  [0.5, 0.25, 0.125, 0.125],
  [0, 0, 0, 0],
]);
const image = new Float32Array(4).fill(1);
const nothing = new Float32Array(4);
const perfect = byFallingResponse(Float32Array.of(0.5, 0.25, 0.125, 0.125));
const worst = byFallingResponse(Float32Array.of(-0.5, -0.25, -0.125, -0.125));

const curveOf = async (perturbation: Omit<Perturbation, 'classIndex'>, steps = 4) =>
  (await perturbationCurves(net, [{ ...perturbation, classIndex: 0 }], { steps }))[0]!;

describe('of a linear model with a perfect map', () => {
  test('deletion falls by what each pixel adds, strongest first', async () => {
    const curve = await curveOf({ from: image, to: nothing, order: perfect });
    expect(Array.from(curve)).toEqual([1, 0.5, 0.25, 0.125, 0]);
    expect(areaUnder(curve)).toBe((0.5 + 0.5 + 0.25 + 0.125) / 4);
  });

  test('insertion rises likewise, and both areas add up to 1', async () => {
    const curve = await curveOf({ from: nothing, to: image, order: perfect });
    expect(Array.from(curve)).toEqual([0, 0.5, 0.75, 0.875, 1]);
    expect(areaUnder(curve)).toBe(1 - (0.5 + 0.5 + 0.25 + 0.125) / 4);
  });

  test('flipping into the negative has the area over its curve', async () => {
    const negative = image.map((value) => -value);
    const curve = await curveOf({ from: image, to: negative, order: perfect });
    expect(Array.from(curve)).toEqual([1, 0, -0.5, -0.75, -1]);
    expect(areaOver(curve)).toBe((0 + 1 + 1.5 + 1.75 + 2) / 5);
  });

  test('no order deletes faster, and the reverse one deletes slowest', async () => {
    const area = async (order: Int32Array) => areaUnder(await curveOf({ from: image, to: nothing, order }));
    expect(await area(worst)).toBe((0.5 + 0.875 + 0.75 + 0.5) / 4);
    expect(await area(worst)).toBeGreaterThan(await area(perfect));
  });
});

test('a constant map changes pixels in row-major order', async () => {
  expect(Array.from(byFallingResponse(new Float32Array(4).fill(3)))).toEqual([0, 1, 2, 3]);
});

test('many images and colours go through together, each with its own class', async () => {
  const flat = linearNet([
    [1, 0, 0, 0],
    [0, 0, 0.5, 0.5],
  ]);
  const order = Int32Array.of(1, 0);
  const curves = await perturbationCurves(
    flat,
    [0, 1].map((classIndex) => ({ from: image, to: nothing, order, classIndex })),
    { steps: 2 },
  );
  // Two pixels of two colours: the second one changes first.
  expect(curves.map((curve) => Array.from(curve))).toEqual([
    [1, 1, 0],
    [1, 0, 0],
  ]);
});
