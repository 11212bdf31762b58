import { labelledImages } from '@clearmaps/datasets';
import { INPUT, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { describe, expect, test } from 'vitest';
import {
  againstOthers,
  CONTROLS,
  measureTable1,
  removedPixel,
  strongestPixels,
  strongFeatures,
  type Table1Options,
} from '../src/index.ts';
import { firstPixels } from '../src/strong-features.ts';
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

  test('for a control are exactly as many, whatever their sign', () => {
    expect(Array.from(firstPixels(Float32Array.of(-2, 0, 1, -1), 3))).toEqual([0, 1, 1, 1]);
    expect(Array.from(firstPixels(Float32Array.of(0, 0, 0), 2))).toEqual([1, 1, 0]);
  });
});

test('against the others, a response counts for what it exceeds their mean by', () => {
  const maps = Float32Array.of(4, 2, 0, 1, 2, -3, 1, 0, 9);
  expect(Array.from(againstOthers(maps, 3, 0))).toEqual([3, 1, -3]);
  expect(Array.from(againstOthers(maps, 3, 2))).toEqual([-1.5, -2, 10.5]);
  // What every class is given alike falls out.
  const shifted = maps.map((value, at) => value + [5, -7, 2][at % 3]!);
  expect(againstOthers(shifted, 3, 0)).toEqual(againstOthers(maps, 3, 0));
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

  test('controls keep as many pixels of each image as the mask of the true class', async () => {
    // Asked for class 0 it answers at the second pixel, for class 1 at the first.
    const randomNet = linearNet([
      [0, 1, 0, 0],
      [1, 0, 0, 0],
    ]);
    const run = () =>
      measure({
        cuts: [{ threshold: 0.4 }],
        controls: CONTROLS,
        randomNets: [randomNet],
        shuffledNet: randomNet,
      });
    const [row] = (await run()).rows;
    // Two pixels of the first image (2, 0, 1, 0) and one of the second (0, 2, 0, 0).
    expect(row!.keptArea).toBe(0.375);
    for (const control of CONTROLS) expect(row!.controls[control]!.keptArea).toBe(0.375);
    // With two classes the random other one is no choice. Its map of the first image: 0, 0.8, 0, 0, so that the first
    // of the equal pixels comes with it, and with it the decision; of the second: 0.4, 0, 0.2, 0.
    expect(row!.controls.otherClass).toMatchObject({ only: { right: 1 }, without: { right: 2 } });
    // Of the first image as well: 0, 0.4, 0, 0; of the second: 0.2, 0, 0, 0.
    expect(row!.controls.randomWeights).toMatchObject({ only: { right: 1 }, without: { right: 2 } });
    expect(row!.controls.shuffledLabels).toEqual(row!.controls.randomWeights);
    expect(await run()).toEqual(await run());
  });

  test('the control with random weights is the mean over all nets given', async () => {
    const weights = [
      [2, 0, 1, 0],
      [0, 2, 0, 0.5],
    ];
    const [good, bad] = [linearNet(weights), linearNet([...weights].reverse())];
    const at = async (...randomNets: (typeof good)[]) =>
      (await measure({ controls: ['randomWeights'], randomNets })).rows[0]!.controls.randomWeights!;
    const [one, other, both] = [await at(good), await at(bad), await at(good, bad)];
    // The net itself is no worse than itself.
    expect(one.only.share).toBe(1);
    expect(both.only).toMatchObject({ right: one.only.right + other.only.right, count: 4 });
    expect(both.without).toMatchObject({ right: one.without.right + other.without.right, count: 4 });
  });

  test('against the other classes a mask leaves out what they share', async () => {
    const shared = linearNet([
      [1, 0, 5, 0],
      [0, 1, 5, 0],
    ]);
    const run = (contrast: boolean) =>
      measureTable1(shared, model, set, { cuts: [{ threshold: 0.1 }], contrast });
    // The third pixel, which says nothing, outweighs the others in both images.
    expect((await run(false)).rows[0]).toMatchObject({ keptArea: 0.5 });
    expect((await run(true)).rows[0]).toMatchObject({
      keptArea: 0.25,
      only: { right: 2 },
      // What is left of either image speaks for the other class.
      without: { right: 0 },
    });
  });

  test('refuses what cannot be measured', async () => {
    await expect(measure({ cuts: [] })).rejects.toThrow(/0 cuts/);
    await expect(measure({ controls: ['randomWeights'] })).rejects.toThrow(
      /controls by other nets such nets/,
    );
    const shuffledNet = linearNet([[1, 0, 0, 0]]);
    await expect(measure({ controls: ['shuffledLabels'], shuffledNet })).rejects.toThrow(
      /a net of 1 classes; allowed: .* of 2 classes/,
    );
    await expect(measure({ signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
    const wide = { ...model, inputShape: [1, 5, 1] as const };
    await expect(measureTable1(net, wide, set, { cuts: [{ threshold: 0 }] })).rejects.toThrow(
      /1x4 pixels, 2 classes; allowed: 1x5 pixels/,
    );
  });
});
