import type { EpochRecord } from '@clearmaps/training';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawTrainingCurves, logTicks } from '../src/training-curves.ts';

test.each([
  [0.013, 0.4, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]],
  [2.28, 2.34, [2, 5]],
  [1, 1, [1, 2]],
  [0.05, 0.1, [0.05, 0.1]],
])('axes from %s to %s are labelled at both ends: %j', (low, high, ticks) => {
  expect(logTicks(low, high)).toEqual(ticks);
});

const epochs = (...errors: number[]): EpochRecord[] =>
  errors.map((error, i) => ({
    ...{ epoch: i + 1, step: i + 1, rate: 0.1, seconds: 1 },
    ...{ loss: 2 * error, accuracy: 1 - error, heldOutLoss: error, heldOutAccuracy: 1 - error / 2 },
  }));

test.each([
  ['one epoch', epochs(0.3), 1],
  ['two alike', epochs(0.3, 0.3), 2],
  ['a last epoch without an error', epochs(0.3, 0.1, 0), 3],
  ['a net that is always wrong', epochs(1, 2), 1],
])('curves of %s show both series within the frame', async (_what, curve, best) => {
  const png = await drawTrainingCurves(curve, best);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const count = (red: number, green: number, blue: number): number => {
    let pixels = 0;
    for (let i = 0; i < data.length; i += 3) {
      // Below the key and above the axis of the first panel.
      const row = Math.floor(i / 3 / info.width);
      const within = row >= 50 && row < 320;
      if (within && data[i] === red && data[i + 1] === green && data[i + 2] === blue) pixels++;
    }
    return pixels;
  };
  expect(info.width).toBe(900);
  expect(count(0, 0x72, 0xb2)).toBeGreaterThan(10);
  expect(count(0xd5, 0x5e, 0)).toBeGreaterThan(30);
});
