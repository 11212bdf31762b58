import { labelledImages } from '@clearmaps/datasets';
import { INPUT, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { describe, expect, test } from 'vitest';
import {
  CONTROLS,
  measureTable1,
  removedPixel,
  strongestPixels,
  strongFeatures,
  type Table1Options,
} from '../src/index.ts';
import { linearNet } from './linear-net.ts';

// Four pixels; class 0 asks for the first, class 1 for the second, and the third helps class 0 a little.
const net = linearNet([
  [2, 0, 1, 0],
  [0, 2, 0, 0.5],
]);
const model: LayerGraph = {
  name: 'four pixels',
  inputShape: [1, 4, 1],
  layers: [{ type: 'flatten', name: 'flatten', inputs: [INPUT] }],
  preprocessing: { channels: 'gray', scale: 1 / 255, mean: [0], std: [1], resize: 'stretch' },
};
const set = labelledImages({
  name: 'four pixels',
  images: Uint8Array.of(255, 102, 255, 0, 51, 255, 51, 0),
  labels: Int32Array.of(0, 1),
  height: 1,
  width: 4,
  channels: 1,
  classNames: ['first', 'second'],
});
const measure = (options: Partial<Table1Options>) =>
  measureTable1(net, model, set, { cuts: [{ threshold: 0.6 }], ...options });

describe('strong features', () => {
  test('are above a share of the maximum, and none where nothing is positive', () => {
    expect(Array.from(strongFeatures(Float32Array.of(4, 2, 1, -9), 0.25))).toEqual([1, 1, 0, 0]);
    expect(Array.from(strongFeatures(Float32Array.of(4, 2, 0, -9), 0))).toEqual([1, 1, 0, 0]);
    expect(Array.from(strongFeatures(Float32Array.of(-1, 0), 0))).toEqual([0, 0]);
    expect(() => strongFeatures(Float32Array.of(1), 1)).toThrow(/threshold: got 1; allowed: 0 to below 1/);
  });

  test('by area are the strongest, the first among equals, never a pixel without response', () => {
    expect(Array.from(strongestPixels(Float32Array.of(1, 3, 3, 0), 1))).toEqual([0, 1, 0, 0]);
    expect(Array.from(strongestPixels(Float32Array.of(1, 0, -1, 0), 3))).toEqual([1, 0, 0, 0]);
  });
});

test('removed pixels are what black and middle grey become for the net', () => {
  const svhn = {
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    resize: 'stretch',
  } as const;
  expect(Array.from(removedPixel(svhn, 'grey'))).toEqual([0, 0, 0]);
  expect(Array.from(removedPixel(svhn, 'background'))).toEqual([-1, -1, -1]);
});

describe('table 1 of a linear model', () => {
  test('counts full images, strong features alone, and what they leave', async () => {
    const { full, rows } = await measure({});
    // Maps of the true class: 2, 0, 1, 0 and 0, 2, 0, 0. What is left of the first image: 1 against 0.8.
    expect(full).toMatchObject({ right: 2, count: 2 });
    expect(rows[0]).toMatchObject({
      keptArea: 0.25,
      only: { right: 2, count: 2 },
      without: { right: 1, count: 2 },
    });
    const [row] = (await measure({ cuts: [{ threshold: 0.4 }] })).rows;
    expect(row).toMatchObject({ keptArea: 0.375, only: { right: 2 }, without: { right: 0 } });
  });

  test('cuts by area as well, and tells its progress', async () => {
    const progress: number[][] = [];
    const { rows } = await measure({
      cuts: [{ area: 0.5 }],
      onProgress: (...step) => progress.push(step),
    });
    expect(rows[0]!.keptArea).toBe(0.375);
    expect(progress).toEqual([[2, 2]]);
  });

  test('the mask of the other class keeps the other class, a random one has the same area', async () => {
    const randomNet = linearNet([
      [0, 1, 0, 0],
      [1, 0, 0, 0],
    ]);
    const [row] = (await measure({ controls: CONTROLS, randomNet })).rows;
    // With two classes the random other one is no choice.
    expect(row!.controls.otherClass).toMatchObject({
      keptArea: 0.25,
      only: { right: 0 },
      without: { right: 2 },
    });
    expect(row!.controls.randomWeights).toMatchObject({ only: { right: 0 }, without: { right: 2 } });
    expect(row!.controls.randomMask!.keptArea).toBe(0.25);
    expect(await measure({ controls: CONTROLS, randomNet })).toEqual(
      await measure({ controls: CONTROLS, randomNet }),
    );
  });

  test('refuses what cannot be measured', async () => {
    await expect(measure({ cuts: [] })).rejects.toThrow(/0 cuts/);
    await expect(measure({ controls: ['randomWeights'] })).rejects.toThrow(/net with random weights/);
    await expect(measure({ signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
    const wide = { ...model, inputShape: [1, 5, 1] as const };
    await expect(measureTable1(net, wide, set, { cuts: [{ threshold: 0 }] })).rejects.toThrow(
      /1x4 pixels, 2 classes; allowed: 1x5 pixels/,
    );
  });
});
