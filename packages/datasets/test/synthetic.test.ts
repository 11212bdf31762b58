import { describe, expect, it } from 'vitest';
import { DatasetError, imageAt, type LabelledImages } from '../src/index.ts';
import { HOUSE_NUMBER_PARAMETERS, houseNumberFonts, syntheticHouseNumbers } from '../src/synthetic.ts';

const PIXELS = 32 * 32;

function lumaOf(image: Uint8Array): Float32Array {
  return Float32Array.from(
    { length: PIXELS },
    (_, i) => 0.299 * image[3 * i]! + 0.587 * image[3 * i + 1]! + 0.114 * image[3 * i + 2]!,
  );
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: ArrayLike<number>): number {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const each = (set: LabelledImages, measure: (luma: Float32Array) => number) =>
  Array.from({ length: set.count }, (_, i) => measure(lumaOf(imageAt(set, i))));

describe('synthetic house numbers', () => {
  it('are 32x32 RGB images with the digits as classes', () => {
    const set = syntheticHouseNumbers({ count: 3, seed: 1 });
    expect(set).toMatchObject({
      name: 'synthetic-house-numbers',
      count: 3,
      height: 32,
      width: 32,
      channels: 3,
      classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    });
    expect(set.images).toHaveLength(3 * PIXELS * 3);
  });

  it('come again from the same seed, and differ with another', () => {
    const once = syntheticHouseNumbers({ count: 20, seed: 5 });
    const again = syntheticHouseNumbers({ count: 20, seed: 5 });
    expect(again.images).toEqual(once.images);
    expect(again.labels).toEqual(once.labels);
    const other = syntheticHouseNumbers({ count: 20, seed: 6 });
    expect(other.images).not.toEqual(once.images);
    expect(other.labels).not.toEqual(once.labels);
  });

  it.each(['uniform', 'svhn'] as const)('with %s labels do not depend on how a range is cut', (labels) => {
    const whole = syntheticHouseNumbers({ count: 40, seed: 9, labels });
    for (const [from, count] of [
      [0, 7],
      [7, 20],
      [27, 13],
      [39, 1],
    ] as const) {
      const part = syntheticHouseNumbers({ count, from, seed: 9, labels });
      expect(part.images).toEqual(whole.images.slice(from * PIXELS * 3, (from + count) * PIXELS * 3));
      expect(part.labels).toEqual(whole.labels.slice(from, from + count));
    }
  });

  it('go on beyond 2^32 without coming round', () => {
    const far = syntheticHouseNumbers({ count: 2, seed: 1, from: 2 ** 32 });
    expect(far.images).not.toEqual(syntheticHouseNumbers({ count: 2, seed: 1 }).images);
  });

  it('are all different from each other', () => {
    const set = syntheticHouseNumbers({ count: 300, seed: 3 });
    const seen = new Set(Array.from({ length: 300 }, (_, i) => imageAt(set, i).join()));
    expect(seen.size).toBe(300);
  });
});

describe('labels of synthetic house numbers', () => {
  const counted = (labels: Parameters<typeof syntheticHouseNumbers>[0]['labels'], count: number) => {
    const counts = new Array<number>(10).fill(0);
    for (const label of syntheticHouseNumbers({ count, seed: 4, labels, conditions: 'clean' }).labels) {
      counts[label]!++;
    }
    return counts;
  };

  it('are uniform: each ten images hold each digit once, in changing order', () => {
    const { labels } = syntheticHouseNumbers({ count: 30, seed: 4, from: 20 });
    for (const start of [0, 10, 20]) {
      expect([...labels.slice(start, start + 10)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(labels.slice(0, 10)).not.toEqual(labels.slice(10, 20));
  });

  it("follow SVHN's frequencies where these are asked for", () => {
    const counts = counted('svhn', 5000);
    expect(counts[1]! / 5000).toBeCloseTo(13861 / 73257, 1);
    expect(Math.max(...counts)).toBe(counts[1]);
    expect(Math.min(...counts)).toBeGreaterThan(200);
  });

  it('follow weights, and a weight of 0 keeps a digit out', () => {
    const counts = counted([0, 1, 0, 3, 0, 0, 0, 0, 0, 0], 2000);
    expect(counts[1]! + counts[3]!).toBe(2000);
    expect(counts[3]! / 2000).toBeCloseTo(0.75, 1);
  });
});

describe('the digit in the middle', () => {
  it('of a clean image is the label, in every face', () => {
    for (const font of houseNumberFonts) {
      const shapes = Array.from({ length: 10 }, (_, digit) => {
        const only = Array.from({ length: 10 }, (_, d) => (d === digit ? 1 : 0));
        const set = syntheticHouseNumbers({
          count: 1,
          seed: 1,
          fonts: [font],
          labels: only,
          conditions: 'clean',
        });
        return lumaOf(imageAt(set, 0));
      });
      const set = syntheticHouseNumbers({ count: 10, seed: 2, fonts: [font], conditions: 'clean' });
      for (let i = 0; i < set.count; i++) {
        const luma = lumaOf(imageAt(set, i));
        const distances = shapes.map((shape) => mean(shape.map((level, k) => (level - luma[k]!) ** 2)));
        expect(distances.indexOf(Math.min(...distances)), font).toBe(set.labels[i]);
        expect(deviation(luma), `${font} draws no ${set.labels[i]}`).toBeGreaterThan(20);
      }
    }
  });

  it('of a clean image is nearest to its own class among the mean shapes of all faces', () => {
    const count = 600;
    const set = syntheticHouseNumbers({ count, seed: 8, conditions: 'clean' });
    const templates = Array.from({ length: 10 }, () => new Float32Array(PIXELS));
    const lumas = Array.from({ length: count }, (_, i) => lumaOf(imageAt(set, i)));
    lumas.forEach((luma, i) => {
      const template = templates[set.labels[i]!]!;
      luma.forEach((level, k) => {
        template[k]! += level / (count / 10);
      });
    });
    const right = lumas.filter((luma, i) => {
      const distances = templates.map((shape) => mean(shape.map((level, k) => (level - luma[k]!) ** 2)));
      return distances.indexOf(Math.min(...distances)) === set.labels[i];
    });
    // Mean shapes are crude (a bold 5 covers a thin 6), so not all.
    expect(right.length / count).toBeGreaterThan(0.85);
  });

  it('stands out from its ground under street conditions', () => {
    const set = syntheticHouseNumbers({ count: 400, seed: 12, labels: 'svhn' });
    const middle = each(set, (luma) =>
      deviation(luma.filter((_, i) => Math.abs((i >> 5) - 15.5) < 12 && Math.abs((i & 31) - 15.5) < 10)),
    );
    expect(middle.filter((value) => value < 4).length).toBeLessThan(4);
  });
});

describe('pixels of synthetic house numbers', () => {
  // Of the 554 real crops in the training set's layout: mean luma 114, deviation 28, slopes 8.5 across and 5 down.
  const set = syntheticHouseNumbers({ count: 600, seed: 21, labels: 'svhn' });

  it('have the brightness and contrast of real crops', () => {
    const means = each(set, mean);
    expect(median(means)).toBeGreaterThan(100);
    expect(median(means)).toBeLessThan(130);
    expect(deviation(means)).toBeGreaterThan(25);
    const contrasts = each(set, deviation);
    expect(median(contrasts)).toBeGreaterThan(23);
    expect(median(contrasts)).toBeLessThan(34);
  });

  it('are as blurred as real crops, and steeper across than down', () => {
    const slope = (step: number) => (luma: Float32Array) =>
      mean(Array.from({ length: PIXELS - 32 }, (_, i) => Math.abs(luma[i + step]! - luma[i]!)));
    const across = median(each(set, slope(1)));
    const down = median(each(set, slope(32)));
    expect(across).toBeGreaterThan(6.5);
    expect(across).toBeLessThan(11);
    expect(down).toBeGreaterThan(4);
    expect(down).toBeLessThan(across);
  });

  it('show the digit dark on light about as often as light on dark', () => {
    const ones = syntheticHouseNumbers({ count: 400, seed: 30, labels: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0] });
    const column = (luma: Float32Array, from: number, to: number) =>
      mean(luma.filter((_, i) => (i & 31) >= from && (i & 31) < to && i >> 5 > 6 && i >> 5 < 26));
    const lighter = each(ones, (luma) => {
      const sides = (column(luma, 8, 11) + column(luma, 21, 24)) / 2;
      return column(luma, 14, 18) > sides ? 1 : 0;
    });
    expect(mean(lighter)).toBeGreaterThan(0.4);
    expect(mean(lighter)).toBeLessThan(0.6);
  });
});

describe('fonts of synthetic house numbers', () => {
  it('are many, and each name stands once', () => {
    expect(houseNumberFonts.length).toBeGreaterThanOrEqual(100);
    expect(new Set(houseNumberFonts).size).toBe(houseNumberFonts.length);
  });

  it('all draw, and no two the same', () => {
    const drawn = houseNumberFonts.map((font) =>
      syntheticHouseNumbers({ count: 10, seed: 1, fonts: [font], conditions: 'clean' }).images.join(),
    );
    expect(new Set(drawn).size).toBe(houseNumberFonts.length);
  });

  it('are all drawn from where none is named', () => {
    const alone = new Map(
      houseNumberFonts.map((font) => [
        syntheticHouseNumbers({
          count: 1,
          seed: 1,
          fonts: [font],
          labels: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
          conditions: 'clean',
        }).images.join(),
        font,
      ]),
    );
    const set = syntheticHouseNumbers({
      count: 1500,
      seed: 2,
      labels: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
      conditions: 'clean',
    });
    const seen = new Set(Array.from({ length: set.count }, (_, i) => alone.get(imageAt(set, i).join())));
    expect(seen.size).toBe(alone.size);
  });
});

describe('options of synthetic house numbers', () => {
  const make = (options: object) => () => syntheticHouseNumbers({ count: 1, seed: 1, ...options });

  it.each([
    [{ count: 0 }, /count: got 0; allowed: integers 1\.\./],
    [{ count: 1.5 }, /count: got 1\.5/],
    [{ count: 1e9 }, /count: got 1000000000/],
    [{ seed: 0.5 }, /seed: got 0\.5; allowed: integers/],
    [{ seed: undefined }, /seed: got undefined/],
    [{ from: -1 }, /from: got -1/],
    [{ fonts: [] }, /fonts: got an empty list.*Leave `fonts` out/],
    [
      { fonts: ['comic-sans-400'] },
      /fonts: got "comic-sans-400"; allowed: the \d+ names in houseNumberFonts/,
    ],
    [{ labels: 'balanced' }, /labels: got "balanced"; allowed: "uniform", "svhn", or ten weights/],
    [{ labels: [1, 2] }, /labels: got \[1,2\]/],
    [{ labels: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, /not all 0/],
    [{ labels: [1, 1, 1, 1, -1, 1, 1, 1, 1, 1] }, /labels/],
    [{ conditions: 'foggy' }, /conditions: got "foggy"; allowed: "street", "clean"/],
  ])('that are wrong, %j, are refused with what is allowed', (options, message) => {
    expect(make(options)).toThrow(DatasetError);
    expect(make(options)).toThrow(message);
  });

  it('are documented by a table whose ranges go upwards', () => {
    for (const group of Object.values(HOUSE_NUMBER_PARAMETERS)) {
      for (const [name, value] of Object.entries(group)) {
        if (Array.isArray(value) && value.length === 2) expect(value[0], name).toBeLessThan(value[1]);
      }
    }
  });
});
