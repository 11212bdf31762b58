import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Padding, Pair } from '../src/index.ts';
import { findSwitches, type PoolPhases, preparePoolPhases, unpool, windowGeometry } from '../src/layers.ts';
import { onEachBackend } from './backends.ts';
import { oracleSwitches } from './oracle.ts';
import { Random } from './random.ts';
import { takeValues } from './take-values.ts';

const BATCH = 2;
const CHANNELS = 3;

const fills: Record<string, (random: Random) => number> = {
  'random values': (random) => random.normal(),
  'many ties': (random) => random.int(-1, 1),
  'many ties of positive values': (random) => random.int(1, 2),
  'negative values only': (random) => -1 - random.next(),
  'negative values with ties': (random) => random.int(-3, -1),
  'one value everywhere': () => 2.5,
  'one negative value everywhere': () => -0.1,
  'zeros only': () => 0,
  'zeros of both signs': (random) => (random.chance(0.5) ? 0 : -0),
  'zeros of both signs among negative values': (random) => random.pick([0, -0, -1]),
  'mostly zeros, as after a ReLU': (random) => Math.max(0, random.normal() - 1),
  'huge values': (random) => random.pick([3.4e38, -3.4e38, 3.3e38, 1e30]),
  'large values': (random) => random.pick([3.4e38, -9e19, 3.3e38, -8e19]),
  'neighbours in float32': (random) => 1 + random.int(0, 2) * 2 ** -23,
  'the smallest normal values': (random) => random.int(1, 3) * 2 ** -126,
};

const pools: readonly { poolSize: Pair; strides: Pair; padding: Padding; note: string }[] = [
  { note: 'windows side by side', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { note: 'a border that is cut', poolSize: [2, 3], strides: [2, 3], padding: 'same' },
  { note: 'overlap', poolSize: [3, 3], strides: [2, 2], padding: 'valid' },
  { note: 'overlap and padding', poolSize: [3, 3], strides: [2, 2], padding: 'same' },
  { note: 'overlap that the stride does not divide', poolSize: [5, 4], strides: [2, 3], padding: 'same' },
  { note: 'stride one', poolSize: [2, 3], strides: [1, 1], padding: 'same' },
  { note: 'gaps', poolSize: [2, 1], strides: [3, 3], padding: 'valid' },
  { note: 'gaps along one axis', poolSize: [1, 3], strides: [2, 2], padding: 'same' },
  { note: 'one pixel', poolSize: [1, 1], strides: [1, 1], padding: 'valid' },
  { note: 'a window larger than the image', poolSize: [9, 8], strides: [4, 4], padding: 'same' },
];

/** Row-major position in [h, w, c] of the one 1 in each window's masks, straight from what PoolTile says. */
function decode(
  masks: readonly { values: Float32Array; shape: readonly number[] }[],
  phases: PoolPhases,
  size: Pair,
): Int32Array[] {
  const { y, x } = phases.geometry;
  const found = Array.from({ length: BATCH }, () => new Int32Array(y.output * x.output * CHANNELS).fill(-1));
  for (const [t, mask] of masks.entries()) {
    const { top, left } = phases.tiles[t]!;
    const { values } = mask;
    const [, rows, columns] = mask.shape as [number, number, number];
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) continue;
      expect(values[i]).toBe(1);
      const c = i % CHANNELS;
      const column = Math.floor(i / CHANNELS) % columns;
      const row = Math.floor(i / CHANNELS / columns) % rows;
      const image = Math.floor(i / CHANNELS / columns / rows);
      const window = (Math.floor(row / y.stride) * x.output + Math.floor(column / x.stride)) * CHANNELS + c;
      expect(found[image]![window], 'switches of a window before this one').toBe(-1);
      const pixelY = row + top - y.padBefore;
      const pixelX = column + left - x.padBefore;
      found[image]![window] = (pixelY * size[1] + pixelX) * CHANNELS + c;
    }
  }
  return found;
}

onEachBackend((backend) => {
  it.each(pools)(
    'finds the first maximum in row-major order with $note',
    async ({ poolSize, strides, padding }) => {
      const random = new Random(11);
      for (const size of [
        [8, 7],
        [7, 9],
        [5, 5],
      ] as const) {
        if (padding === 'valid' && (poolSize[0] > size[0] || poolSize[1] > size[1])) continue;
        const phases = preparePoolPhases(windowGeometry(size, poolSize, strides, [1, 1], padding));
        const { y, x } = phases.geometry;
        const length = size[0] * size[1] * CHANNELS;
        for (const [what, fill] of Object.entries(fills)) {
          // tfjs' max pool on webgpu starts from -1e20, so that a window of less has no maximum there.
          if (what === 'huge values' && backend === 'webgpu') continue;
          const values = Float32Array.from({ length: BATCH * length }, () => fill(random));
          // Each window sends back its own number: what arrives shows where from, overlaps added up.
          const numbers = Float32Array.from(
            { length: BATCH * y.output * x.output * CHANNELS },
            (_, i) => 1 + (i % 1000),
          );
          const tensors = tf.tidy(() => {
            const image = tf.tensor4d(values, [BATCH, ...size, CHANNELS]);
            const pooled = tf.maxPool(
              image,
              poolSize as [number, number],
              strides as [number, number],
              padding,
            );
            const masks = findSwitches(phases, image, pooled);
            return { masks, back: unpool(phases, tf.tensor4d(numbers, pooled.shape), masks) };
          });
          const masks = await Promise.all(
            tensors.masks.map(async (mask) => ({ shape: mask.shape, values: await takeValues(mask) })),
          );
          const found = decode(masks, phases, size);
          const back = await takeValues(tensors.back);
          for (let b = 0; b < BATCH; b++) {
            const expected = oracleSwitches(
              values.subarray(b * length, (b + 1) * length),
              [...size, CHANNELS],
              {
                poolSize,
                strides,
                padding,
              },
            );
            expect(found[b], `${what}, image ${b} of ${size}`).toEqual(expected);
            const arrived = new Float32Array(length);
            for (const [window, from] of expected.entries()) {
              arrived[from] = arrived[from]! + numbers[b * expected.length + window]!;
            }
            expect(back.slice(b * length, (b + 1) * length), `${what}, sent back`).toEqual(arrived);
          }
        }
        for (const tile of phases.tiles) tile.rank.dispose();
      }
    },
  );
});
