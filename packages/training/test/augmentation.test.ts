import { describe, expect, test } from 'vitest';
import { type AugmentationOptions, augmentImage, checkAugmentation } from '../src/augmentation.ts';
import { Random } from '../src/index.ts';

const SIZE = { height: 9, width: 11, channels: 1 };

function picture(paint: (row: number, column: number) => number): Uint8Array {
  return Uint8Array.from({ length: 99 }, (_, i) => paint(Math.floor(i / 11), i % 11));
}

function augment(source: Uint8Array, options: AugmentationOptions, seed = 1): Float32Array {
  const target = new Float32Array(source.length);
  augmentImage(source, target, SIZE, options, Random.stream(seed));
  return target;
}

describe('augmentImage', () => {
  test('changes nothing where nothing is asked for', () => {
    const source = picture((row, column) => row * 20 + column);
    expect([...augment(source, {})]).toEqual([...source]);
  });

  test('gives the same picture for the same stream and another for another', () => {
    const source = picture((row, column) => (row === column ? 255 : 0));
    const options = { shift: 2, rotate: 15, scale: 0.1 };
    expect(augment(source, options, 4)).toEqual(augment(source, options, 4));
    expect(augment(source, options, 4)).not.toEqual(augment(source, options, 5));
  });

  test('moves the centre of mass by at most the shift, fractions of pixels included', () => {
    const source = picture((row, column) => (row === 4 && column === 5 ? 200 : 0));
    for (let seed = 0; seed < 50; seed++) {
      const moved = augment(source, { shift: 2 }, seed);
      const mass = moved.reduce((a, b) => a + b, 0);
      const down = moved.reduce((sum, value, i) => sum + value * (Math.floor(i / 11) - 4), 0) / mass;
      const right = moved.reduce((sum, value, i) => sum + value * ((i % 11) - 5), 0) / mass;
      expect(mass).toBeCloseTo(200, 2);
      const random = Random.stream(seed);
      random.next();
      random.next();
      expect(down).toBeCloseTo(random.between(-2, 2), 3);
      expect(right).toBeCloseTo(random.between(-2, 2), 3);
    }
  });

  test('turns about the centre: a quarter turn lays an upright bar down', () => {
    const upright = picture((row, column) => (column === 5 && row >= 2 && row <= 6 ? 255 : 0));
    // A stream whose first number is a turn of 90 degrees for the options below.
    const quarter = { between: (low: number, high: number) => (high > 1 ? high : (low + high) / 2) };
    const target = new Float32Array(99);
    augmentImage(upright, target, SIZE, { rotate: 90 }, quarter as unknown as Random);
    const lying = picture((row, column) => (row === 4 && column >= 3 && column <= 7 ? 255 : 0));
    target.forEach((value, i) => {
      expect(value).toBeCloseTo(lying[i]!, 3);
    });
  });

  test('goes on with the nearest pixel where the background is the edge', () => {
    const columns = picture((_row, column) => 20 * column);
    for (let seed = 0; seed < 20; seed++) {
      const moved = augment(columns, { shift: 4, background: 'edge' }, seed);
      const random = Random.stream(seed);
      for (let i = 0; i < 3; i++) random.next();
      const right = random.between(-4, 4);
      moved.forEach((value, i) => {
        expect(value).toBeCloseTo(20 * Math.min(10, Math.max(0, (i % 11) - right)), 3);
      });
    }
  });

  test('stays within the range of bytes and fills with the background', () => {
    const source = picture(() => 255);
    const moved = augment(source, { shift: 6, rotate: 45, scale: 0.5, background: 40 }, 2);
    expect(Math.min(...moved)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...moved)).toBeLessThanOrEqual(255);
    expect(Math.min(...moved)).toBeLessThan(60);
  });

  test('treats channels alike', () => {
    const gray = picture((row, column) => row * 11 + column);
    const colour = Uint8Array.from({ length: 297 }, (_, i) => gray[Math.floor(i / 3)]!);
    const target = new Float32Array(297);
    const options = { shift: 1, rotate: 20 };
    augmentImage(colour, target, { ...SIZE, channels: 3 }, options, Random.stream(1));
    const expected = augment(gray, options, 1);
    target.forEach((value, i) => {
      expect(value).toBe(expected[Math.floor(i / 3)]);
    });
  });

  test.each([
    ['shift', -1],
    ['rotate', 181],
    ['scale', 1],
    ['background', 256],
    ['shift', Number.NaN],
  ])('refuses %s of %s', (name, value) => {
    expect(() => checkAugmentation({ [name]: value })).toThrow(`augmentation: ${name}: got ${value}`);
  });
});
