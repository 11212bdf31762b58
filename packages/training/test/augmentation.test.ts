import { describe, expect, test } from 'vitest';
import { cropWindow } from '../src/augmentation/crop-window.ts';
import { resample } from '../src/augmentation/resample.ts';
import { type AugmentationOptions, augmentImage, checkAugmentation } from '../src/augmentation.ts';
import { Random, TrainingError } from '../src/index.ts';

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

  test.each([
    [0, [0, 27.425256729125977, 53.242977142333984, 88.28138732910156, 0, 95.56102752685547]],
    [40, [40, 27.425256729125977, 82.16095733642578, 88.28138732910156, 40, 95.56102752685547]],
    ['edge', [0, 27.425256729125977, 192.17787170410156, 88.28138732910156, 52.754356384277344, 95.5610275]],
  ] as const)(
    'shifts, turns and scales as it did when the bundled nets were trained: background %s',
    (background, expected) => {
      const source = Uint8Array.from({ length: 297 }, (_, i) => (i * i * 7 + i * 31) % 256);
      const target = new Float32Array(297);
      const options = { shift: 2, rotate: 12, scale: 0.12, background };
      augmentImage(source, target, { ...SIZE, channels: 3 }, options, Random.stream(1, 1, 3, 42));
      [0, 50, 100, 148, 200, 296].forEach((at, i) => {
        expect(target[at]).toBeCloseTo(expected[i]!, 5);
      });
    },
  );

  test('draws for each option what it draws without the others', () => {
    const options: Required<Omit<AugmentationOptions, 'background'>> = {
      shift: 2,
      rotate: 15,
      scale: 0.2,
      elastic: { strength: 1.5 },
      crop: { area: [0.3, 0.9] },
      flip: true,
      colour: { brightness: 0.5, contrast: 0.5 },
    };
    // Without effect, yet drawn from.
    const idle: typeof options = {
      shift: 0,
      rotate: 0,
      scale: 0,
      elastic: { strength: 0 },
      crop: { area: [1, 1], aspect: [1, 1] },
      flip: false,
      colour: {},
    };
    const source = picture((row, column) => (row * 31 + column * 17) % 200);
    for (const name of Object.keys(options) as (keyof typeof options)[]) {
      for (let seed = 0; seed < 8; seed++) {
        const alone = augment(source, { [name]: options[name] }, seed);
        const beside = augment(source, { ...idle, [name]: options[name] }, seed);
        alone.forEach((value, i) => {
          expect(beside[i]).toBeCloseTo(value, 3);
        });
      }
    }
  });

  test('mirrors about half of the pictures and leaves the others as they are', () => {
    const source = picture((row, column) => row * 20 + column);
    const mirrored = picture((row, column) => row * 20 + 10 - column);
    let count = 0;
    for (let seed = 0; seed < 200; seed++) {
      const result = [...augment(source, { flip: true }, seed)];
      const flipped = result[0] === mirrored[0];
      expect(result).toEqual([...(flipped ? mirrored : source)]);
      if (flipped) count++;
    }
    expect(count).toBeGreaterThan(70);
    expect(count).toBeLessThan(130);
  });

  test('crops as the window says, and turns, bends and crops by one interpolation', () => {
    // On a slope each interpolation is exact, so what comes out tells where each pixel was read.
    const slope = picture((row, column) => 100 + 5 * row + 2 * column);
    const options = { crop: { area: [0.2, 0.5] as const } };
    for (let seed = 0; seed < 20; seed++) {
      const random = Random.stream(seed);
      for (let i = 0; i < 4; i++) random.next();
      const { top, left, height, width } = cropWindow(options.crop, Random.stream(...random.state, 2));
      const cropped = augment(slope, { ...options, background: 'edge' }, seed);
      cropped.forEach((value, i) => {
        const row = 9 * top + (Math.floor(i / 11) + 0.5) * height - 0.5;
        const column = 11 * left + ((i % 11) + 0.5) * width - 0.5;
        const clamped = 100 + 5 * Math.min(8, Math.max(0, row)) + 2 * Math.min(10, Math.max(0, column));
        expect(value).toBeCloseTo(clamped, 3);
      });
    }
    // A checkerboard turned by 180 degrees and mirrored falls on pixels again: a second interpolation would blur it.
    const checks = picture((row, column) => ((row + column) % 2) * 255);
    const target = new Float32Array(99);
    const field = { down: new Float32Array(99), right: new Float32Array(99).fill(1) };
    resample(checks, target, SIZE, { turn: Math.PI, mirrored: true, field }, 'edge');
    const values = [...target].filter((_, i) => i % 11 !== 0);
    for (const value of values) expect(Math.min(value, 255 - value)).toBeLessThan(0.001);
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

  test.each<[string, AugmentationOptions]>([
    ['elastic.strength', { elastic: { strength: -1 } }],
    ['elastic.strength', { elastic: { strength: Number.POSITIVE_INFINITY } }],
    ['elastic.smoothness', { elastic: { strength: 1, smoothness: 0 } }],
    ['crop.area', { crop: { area: [0, 1] } }],
    ['crop.area', { crop: { area: [0.9, 0.5] } }],
    ['crop.area', { crop: { area: [0.9, 1.1] } }],
    ['crop.area', { crop: { area: [0.9] as unknown as [number, number] } }],
    ['crop.aspect', { crop: { area: [0.9, 1], aspect: [0, 1] } }],
    ['colour.brightness', { colour: { brightness: 1.1 } }],
    ['colour.contrast', { colour: { contrast: -0.1 } }],
    ['colour.saturation', { colour: { saturation: Number.NaN } }],
    ['colour.hue', { colour: { hue: 181 } }],
    ['flip', { flip: 1 as unknown as boolean }],
  ])('refuses %s of %j', (name, options) => {
    expect(() => checkAugmentation(options)).toThrow(new RegExp(`^augmentation: ${name}: got`));
    expect(() => checkAugmentation(options)).toThrow(TrainingError);
  });
});
