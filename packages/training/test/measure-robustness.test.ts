import type { LabelledImages } from '@clearmaps/datasets';
import { wilsonInterval } from '@clearmaps/evaluation';
import { describe, expect, test } from 'vitest';
import { type ImageChange, measureRobustness, TrainingError } from '../src/index.ts';

/** Two classes, a bright left and a bright right half, of which half the pictures are bright by 200 and half by 90. */
const SET: LabelledImages = {
  name: 'halves',
  images: Uint8Array.from({ length: 40 * 16 }, (_, i) => {
    const image = Math.floor(i / 16);
    return i % 4 < 2 === (image % 2 === 0) ? (image < 20 ? 200 : 90) : 0;
  }),
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 2),
  ...{ count: 40, height: 4, width: 4, channels: 1, classNames: ['left', 'right'] },
};

/** Right of the middle where the right half holds more; sees nothing below 50. */
async function countRight({ images, labels, count }: LabelledImages): Promise<number> {
  let right = 0;
  for (let i = 0; i < count; i++) {
    let balance = 0;
    for (let j = 0; j < 16; j++) {
      const value = images[16 * i + j]! < 50 ? 0 : images[16 * i + j]!;
      balance += j % 4 < 2 ? -value : value;
    }
    if ((balance > 0 ? 1 : 0) === labels[i]) right++;
  }
  return right;
}

const CHANGES: readonly ImageChange[] = [
  { name: 'as they are' },
  { name: 'inverted', inverted: true },
  { name: 'mirrored', placement: { mirrored: true } },
  { name: 'shifted', direction: 'right', placement: { right: 2 } },
  { name: 'darker', colour: { brightness: 0.5 } },
];

describe('measureRobustness', () => {
  test('counts what a rule that can be reckoned by hand decides right', async () => {
    const progress: [number, number][] = [];
    const results = await measureRobustness(SET, countRight, {
      changes: CHANGES,
      batchSize: 7,
      onProgress: (...step) => progress.push(step),
    });
    const shares = Object.fromEntries(results.map(({ change, accuracy }) => [change, accuracy]));
    expect(shares).toEqual({
      'as they are': 1,
      inverted: 0,
      mirrored: 0,
      // A left half stands right of the middle; of a right half nothing is left, which counts as left.
      shifted: 0,
      // 90 becomes 45, which it does not see: it takes all of these for left.
      darker: 0.75,
    });
    expect(results[3]).toEqual({
      ...{ change: 'shifted', direction: 'right', images: 40, right: 0, accuracy: 0 },
      interval: wilsonInterval(0, 40),
    });
    expect(progress.at(-1)).toEqual([200, 200]);
    expect(progress).toHaveLength(5 * 6);
  });

  test('takes the table of changes, without those for colour, and does not depend on the batches', async () => {
    const [one, other] = await Promise.all(
      [40, 9].map((batchSize) => measureRobustness(SET, countRight, { batchSize, seed: 4 })),
    );
    expect(one).toEqual(other);
    expect(one!.some(({ change }) => change === 'gray')).toBe(false);
    expect(one!.find(({ change }) => change === 'half as bright')!.accuracy).toBe(0.75);
  });

  test('stops at the signal', async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error('enough'));
    await expect(measureRobustness(SET, countRight, { signal: stop.signal, onProgress })).rejects.toThrow(
      'enough',
    );
  });

  test.each([{ seed: 0.5 }, { batchSize: 0 }])('refuses %j', async (options) => {
    await expect(measureRobustness(SET, countRight, options)).rejects.toThrow(TrainingError);
  });

  test('refuses an empty set', async () => {
    const empty = { ...SET, images: new Uint8Array(0), labels: new Int32Array(0), count: 0 };
    await expect(measureRobustness(empty, countRight)).rejects.toThrow(/0 images/);
  });
});
