import { describe, expect, test } from 'vitest';
import { type ColourChange, changeColours } from '../src/augmentation/colour-change.ts';
import { drawColourChange } from '../src/augmentation/colour-jitter.ts';
import { Random } from '../src/index.ts';

const change = (values: readonly number[], channels: number, options: ColourChange): number[] => {
  const target = Float32Array.from(values);
  changeColours(target, channels, options);
  return [...target];
};
const luma = ([r, g, b]: readonly number[]): number => 0.299 * r! + 0.587 * g! + 0.114 * b!;
const expectClose = (got: readonly number[], expected: readonly number[]): void => {
  expect(got).toHaveLength(expected.length);
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 2);
  });
};

describe('changeColours', () => {
  const pixels = [90, 120, 60, 140, 100, 110, 128, 128, 128];

  test('changes nothing where nothing is asked for', () => {
    expectClose(change(pixels, 3, {}), pixels);
    expect(change([1, 2, 200], 1, {})).toEqual([1, 2, 200]);
  });

  test('multiplies by the brightness and cuts at white', () => {
    expectClose(
      change(pixels, 3, { brightness: 1.5 }),
      pixels.map((value) => 1.5 * value),
    );
    expect(change([100, 200], 1, { brightness: 2 })).toEqual([200, 255]);
  });

  test('changes contrast about the mean luma, after the brightness', () => {
    expect(change([50, 150], 1, { contrast: 0.5 })).toEqual([75, 125]);
    expect(change([50, 150], 1, { contrast: 0 })).toEqual([100, 100]);
    expect(change([10, 90], 1, { brightness: 2, contrast: 0.5 })).toEqual([60, 140]);
    const mean = (luma(pixels) + luma(pixels.slice(3)) + luma(pixels.slice(6))) / 3;
    expectClose(
      change(pixels, 3, { contrast: 0.25 }),
      pixels.map((value) => mean + (value - mean) / 4),
    );
  });

  test('takes saturation off towards a pixel of the same luma', () => {
    const gray = change(pixels, 3, { saturation: 0 });
    for (let i = 0; i < 9; i += 3) {
      const own = luma(pixels.slice(i));
      expectClose(gray.slice(i, i + 3), [own, own, own]);
    }
    expectClose(change(pixels, 3, { saturation: 2 }).slice(6), [128, 128, 128]);
  });

  test('turns hues, keeps luma and gray, and comes back after a whole turn', () => {
    const turned = change(pixels, 3, { hue: 40 });
    for (let i = 0; i < 9; i += 3) {
      expect(luma(turned.slice(i))).toBeCloseTo(luma(pixels.slice(i)), 2);
    }
    expectClose(turned.slice(6), [128, 128, 128]);
    expect(Math.abs(turned[0]! - pixels[0]!)).toBeGreaterThan(5);
    expectClose(change(turned, 3, { hue: -40 }), pixels);
    expectClose(change(pixels, 3, { hue: 360 }), pixels);
    // Half a turn exchanges a colour with its complement.
    const [r, g, b] = change([140, 100, 110], 3, { hue: 180 });
    const own = luma([140, 100, 110]);
    expectClose([r!, g!, b!], [2 * own - 140, 2 * own - 100, 2 * own - 110]);
  });

  test('stays within the range of bytes', () => {
    const random = Random.stream(2);
    for (let i = 0; i < 200; i++) {
      const values = Array.from({ length: 12 }, () => random.between(0, 256) & 255);
      const options = drawColourChange({ brightness: 1, contrast: 1, saturation: 1, hue: 180 }, random);
      for (const value of change(values, 3, options)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(255);
      }
    }
  });
});

describe('drawColourChange', () => {
  test('draws within the ranges, both ways, each option the same beside others', () => {
    const draws = Array.from({ length: 300 }, (_, seed) =>
      drawColourChange({ brightness: 0.2, hue: 10 }, Random.stream(seed)),
    );
    const brightness = draws.map((draw) => draw.brightness!);
    const hues = draws.map(({ hue }) => hue!);
    expect(Math.min(...brightness)).toBeGreaterThanOrEqual(0.8);
    expect(Math.min(...brightness)).toBeLessThan(0.83);
    expect(Math.max(...brightness)).toBeGreaterThan(1.17);
    expect(Math.max(...brightness)).toBeLessThanOrEqual(1.2);
    expect(Math.min(...hues)).toBeLessThan(-8);
    expect(Math.max(...hues)).toBeGreaterThan(8);
    expect(draws.every(({ contrast, saturation }) => contrast === 1 && saturation === 1)).toBe(true);
    const more = drawColourChange({ brightness: 0.2, contrast: 0.5, hue: 10 }, Random.stream(7));
    expect(more.hue).toBe(draws[7]!.hue);
  });
});
