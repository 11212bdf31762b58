import type { LabelledImages } from '@clearmaps/datasets';
import { describe, expect, test } from 'vitest';
import { changeImages, IMAGE_CHANGES, type ImageChange, Random } from '../src/index.ts';

const [HEIGHT, WIDTH] = [15, 17];

/** One gray picture a painter. */
function pictures(...painters: ((row: number, column: number) => number)[]): LabelledImages {
  const images = Uint8Array.from({ length: painters.length * HEIGHT * WIDTH }, (_, i) => {
    const pixel = i % (HEIGHT * WIDTH);
    return painters[Math.floor(i / (HEIGHT * WIDTH))]!(Math.floor(pixel / WIDTH), pixel % WIDTH);
  });
  const count = painters.length;
  const labels = Int32Array.from({ length: count }, (_, i) => i);
  const classNames = painters.map((_, i) => String(i));
  return { name: 'p', images, labels, count, height: HEIGHT, width: WIDTH, channels: 1, classNames };
}

const named = (name: string, direction?: string): ImageChange =>
  IMAGE_CHANGES.find((change) => change.name === name && change.direction === direction)!;
const dot = (row: number, column: number) => (y: number, x: number) => (y === row && x === column ? 200 : 0);
const changed = (set: LabelledImages, change: ImageChange): number[] => [
  ...changeImages(set, change, { seed: 1 }).images,
];

describe('changed images', () => {
  test.each([
    ['shifted by 4 pixels', 'right', [7, 12]],
    ['shifted by 4 pixels', 'left', [7, 4]],
    ['shifted by 6 pixels', 'down', [13, 8]],
    ['shifted by 6 pixels', 'up', [1, 8]],
  ] as const)('are %s to where it says: %s', (name, direction, [row, column]) => {
    expect(changed(pictures(dot(7, 8)), named(name, direction))).toEqual([
      ...pictures(dot(row, column)).images,
    ]);
  });

  test('turn clockwise as seen: what was above goes to the right', () => {
    const above = pictures((y, x) => (y === 2 && x === 8 ? 255 : 0));
    for (const [direction, sign] of [
      ['clockwise', 1],
      ['back', -1],
    ] as const) {
      const turned = changed(above, named('turned by 45 degrees', direction));
      const mass = turned.reduce((a, b) => a + b, 0);
      const x = turned.reduce((sum, value, i) => sum + value * ((i % WIDTH) - 8), 0) / mass;
      const y = turned.reduce((sum, value, i) => sum + value * (Math.floor(i / WIDTH) - 7), 0) / mass;
      expect(x).toBeCloseTo((sign * 5) / Math.SQRT2, 0);
      expect(y).toBeCloseTo(-5 / Math.SQRT2, 0);
    }
  });

  test('grow and shrink about the centre', () => {
    const square = pictures((y, x) => (Math.abs(y - 7) <= 3 && Math.abs(x - 8) <= 3 ? 255 : 0));
    const area = (name: string): number => changed(square, named(name)).reduce((a, b) => a + b, 0) / 255 / 49;
    const dots = (away: number) => (y: number, x: number) => (Math.abs(y - 7) === away && x === 8 ? 255 : 0);
    expect(changed(pictures(dots(4)), named('0.5 times as large'))).toEqual([...pictures(dots(2)).images]);
    expect(area('1.3 times as large')).toBeCloseTo(1.69, 1);
  });

  test('take contrast about their mean, brightness from black, and turn over', () => {
    const halves = pictures((_y, x) => (x < 8 ? 40 : x > 8 ? 200 : 120));
    const values = (name: string): number[] => [...new Set(changed(halves, named(name)))];
    expect(values('a quarter of the contrast')).toEqual([100, 120, 140]);
    expect(values('half as bright')).toEqual([20, 60, 100]);
    expect(values('inverted')).toEqual([215, 135, 55]);
  });

  test('get noise of the deviation asked for, the same for the same seed and image', () => {
    const gray = pictures(...Array.from({ length: 40 }, () => () => 128));
    const noisy = changed(gray, named('noise of 0.1 of the range'));
    const mean = noisy.reduce((a, b) => a + b, 0) / noisy.length;
    const variance = noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length;
    expect(mean).toBeCloseTo(128, -0.5);
    expect(Math.abs(Math.sqrt(variance) / 25.5 - 1)).toBeLessThan(0.03);
    const part = changeImages(gray, named('noise of 0.1 of the range'), { begin: 30, end: 32, seed: 1 });
    expect([...part.images]).toEqual(noisy.slice(30 * HEIGHT * WIDTH, 32 * HEIGHT * WIDTH));
    expect([...part.labels]).toEqual([30, 31]);
    const other = changeImages(gray, named('noise of 0.1 of the range'), { seed: 2 });
    expect([...other.images]).not.toEqual(noisy);
  });

  test('in colour lose it where gray is asked for, and go on beyond their edges', () => {
    const random = Random.stream(1);
    const images = Uint8Array.from({ length: 8 * 8 * 3 }, () => 255 * random.uniform());
    const photo: LabelledImages = {
      ...{ name: 'photo', images, labels: Int32Array.of(0), count: 1 },
      ...{ height: 8, width: 8, channels: 3, classNames: ['a'] },
    };
    const gray = changed(photo, named('gray'));
    for (let i = 0; i < gray.length; i += 3) {
      const luma = Math.round(0.299 * images[i]! + 0.587 * images[i + 1]! + 0.114 * images[i + 2]!);
      for (const value of gray.slice(i, i + 3)) expect(Math.abs(value - luma)).toBeLessThanOrEqual(1);
    }
    const shifted = changed(photo, named('shifted by 6 pixels', 'right'));
    expect(shifted.slice(0, 3)).toEqual([...images.slice(0, 3)]);
    expect(shifted.slice(12, 15)).toEqual([...images.slice(0, 3)]);
  });
});
