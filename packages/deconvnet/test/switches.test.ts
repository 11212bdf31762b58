import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Pair } from '../src/index.ts';
import { findSwitches, type PoolPhases, preparePoolPhases, unpool, windowGeometry } from '../src/layers.ts';
import { onEachBackend } from './backends.ts';
import { oracleSwitches } from './oracle.ts';
import { Random } from './random.ts';
import { fills, pools } from './switch-cases.ts';
import { takeValues } from './take-values.ts';
import { tfjsPadding } from './tfjs-padding.ts';

const BATCH = 2;
const CHANNELS = 3;

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
              tfjsPadding(padding),
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
