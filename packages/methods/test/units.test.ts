import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { leaksNothing } from '../../deconvnet/test/backends.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { invarianceCurve, maximiseActivation, openUnits, strongestImages, type Units } from '../src/index.ts';
import { openTfjs } from './tfjs-engine.ts';

const graph = smallNet({ channels: 3, classes: 4 });
const size = graph.inputShape.reduce((a, b) => a * b);

beforeAll(() => tf.setBackend('cpu'));
leaksNothing();

async function withUnits<T>(layer: string | undefined, run: (units: Units) => Promise<T>): Promise<T> {
  const units = await openUnits(graph, openTfjs, layer);
  try {
    return await run(units);
  } finally {
    await units.dispose();
  }
}

/** A unit of conv_1 at every place, by hand. */
function convolved(unit: number, image: Float32Array): number[] {
  const layer = graph.layers[0]!;
  if (layer.type !== 'conv2d') throw new Error(layer.type);
  const [height, width, channels] = graph.inputShape;
  const values: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = layer.bias!.values[unit]!;
      for (let i = -1; i <= 1; i++)
        for (let j = -1; j <= 1; j++) {
          if (y + i < 0 || y + i >= height || x + j < 0 || x + j >= width) continue;
          for (let c = 0; c < channels; c++)
            sum +=
              image[((y + i) * width + x + j) * channels + c]! *
              layer.kernel.values[(((i + 1) * 3 + j + 1) * channels + c) * 5 + unit]!;
        }
      values.push(sum);
    }
  return values;
}

it('a unit responds with the largest value of its map', () =>
  withUnits('conv_1', async (units) => {
    const images = imagesFor(graph, 3);
    const responses = await units.respond(2, images);
    for (const [i, response] of responses.entries()) {
      const expected = Math.max(...convolved(2, images.subarray(i * size, (i + 1) * size)));
      expect(response).toBeCloseTo(expected, 4);
    }
  }));

it('the strongest images are those that a sort of all responses begins with, in batches or not', () =>
  withUnits('relu_2', async (units) => {
    const images = imagesFor(graph, 11);
    const responses = await units.respond(4, images);
    const sorted = Array.from(responses, (response, index) => ({ index, response })).sort(
      (a, b) => b.response - a.response || a.index - b.index,
    );
    const progress: number[] = [];
    const told = await strongestImages(units, 4, images, {
      count: 3,
      batch: 4,
      onProgress: (done) => progress.push(done),
    });
    expect(told).toEqual(sorted.slice(0, 3));
    expect(progress).toEqual([4, 8, 11]);
    await expect(strongestImages(units, 4, images, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
  }));

it('an invariance curve is the response to each changed image, and its share of the unchanged', () =>
  withUnits(undefined, async (units) => {
    const image = imagesFor(graph);
    const curve = await invarianceCurve(units, 1, image, [0, 0.5, 2], (amount) =>
      image.map((value) => value * (1 + amount)),
    );
    const [plain] = await units.respond(1, image);
    expect(curve[0]).toEqual({ amount: 0, response: plain, share: 1 });
    const [doubled] = await units.respond(
      1,
      image.map((value) => value * 3),
    );
    expect(curve[2]!.response).toBeCloseTo(doubled!, 5);
    expect(curve[2]!.share).toBeCloseTo(doubled! / plain!, 5);
  }));

it.each([
  ['a class', undefined, 2],
  ['a channel of a convolution', 'conv_2', 2],
] as const)(
  'the maximised picture of %s beats every picture of a set, and is the same for the same seed',
  (_, layer, unit) =>
    withUnits(layer, async (units) => {
      const options = { steps: 30, jitter: 0, blur: 0, random: 4 };
      const { image, response } = await maximiseActivation(units, unit, options);
      expect(image.every((value) => value >= 0 && value <= 1)).toBe(true);
      const pictures = imagesFor(graph, 50).map((value) => Math.min(1, Math.abs(value)));
      expect(response).toBeGreaterThan(Math.max(...(await units.respond(unit, pictures))));
      expect((await maximiseActivation(units, unit, options)).image).toEqual(image);
      expect((await maximiseActivation(units, unit, { ...options, random: 5 })).image).not.toEqual(image);
    }),
);

it('blur and decay leave a smoother and a fainter picture', () =>
  withUnits('conv_2', async (units) => {
    const plain = { steps: 24, jitter: 0, blur: 0, decay: 0, gray: 0 };
    const image = async (options: object) =>
      (await maximiseActivation(units, 1, { ...plain, ...options })).image;
    const rough = (values: Float32Array) =>
      values.reduce((sum, value, i) => sum + (i < 3 ? 0 : Math.abs(value - values[i - 3]!)), 0);
    const sum = (values: Float32Array) => values.reduce((a, b) => a + b);
    const [free, smooth, faint] = [await image({}), await image({ blur: 1 }), await image({ decay: 0.2 })];
    expect(rough(smooth)).toBeLessThan(0.8 * rough(free));
    expect(sum(faint)).toBeLessThan(0.8 * sum(free));
  }));

it('a layer or unit that does not exist is named with those that do', async () => {
  await expect(openUnits(graph, openTfjs, 'conv_9')).rejects.toThrow(
    'layer of "small": got "conv_9"; allowed: conv_1,',
  );
  await withUnits('conv_1', async (units) => {
    await expect(units.respond(5, imagesFor(graph))).rejects.toThrow(
      'got 5; allowed: whole numbers from 0 to 4.',
    );
    await expect(maximiseActivation(units, -1)).rejects.toThrow('got -1');
  });
});
