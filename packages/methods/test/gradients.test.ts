import { Random } from '@clearmaps/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { leaksNothing } from '../../deconvnet/test/backends.ts';
import { relativeError } from '../../deconvnet/test/compare.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { autodiff, openTfjs } from './tfjs-engine.ts';
import { withMethod } from './with-method.ts';

const graph = smallNet({ channels: 3, classes: 4 });
const image = imagesFor(graph);
const all = [0, 1, 2, 3];

/** The same net in plain ops, by which autodiff finds its way. */
function scores(x: tf.Tensor4D): tf.Tensor2D {
  const conv = (name: string, input: tf.Tensor4D): tf.Tensor4D => {
    const layer = graph.layers.find((candidate) => candidate.name === name);
    if (layer?.type !== 'conv2d') throw new Error(name);
    const kernel = tf.tensor4d(layer.kernel.values, layer.kernel.shape as [number, number, number, number]);
    return tf.add(tf.conv2d(input, kernel, 1, 'same'), tf.tensor1d(layer.bias!.values));
  };
  const pooled = tf.maxPool(tf.relu(conv('conv_1', x)), 2, 2, 'same');
  return tf.mean(conv('scores', tf.relu(conv('conv_2', pooled))), [1, 2]);
}

const at = (point: Float32Array): Float32Array => autodiff(scores, point, graph.inputShape, all);
const method = { graph, open: openTfjs } as const;

beforeAll(() => tf.setBackend('cpu'));
leaksNothing();

it('gradient times input is exactly the derivative of the logit, times x and the places of the last map', () =>
  withMethod({ ...method, method: 'gradient-x-input' }, async (running, engine) => {
    const { responses } = await running.explain(image, { responses: true });
    const places = (await engine.featureMap(image)).length / all.length;
    expect(
      relativeError(
        responses!,
        at(image).map((value, i) => value * places * image[i % image.length]!),
      ),
    ).toBeLessThan(1e-6);
  }));

it('saliency is the largest absolute derivative over the channels', () =>
  withMethod({ ...method, method: 'saliency' }, async (running) => {
    const { maps } = await running.explain(image);
    const gradient = at(image).map(Math.abs);
    const expected = maps.map((_, pixel) => Math.max(...gradient.subarray(3 * pixel, 3 * pixel + 3)));
    expect(relativeError(maps, expected)).toBeLessThan(1e-6);
  }));

it('SmoothGrad is the mean of the derivatives at the noisy copies that its seed gives', () =>
  withMethod(
    { ...method, method: 'smooth-grad', options: { samples: 5, noise: 0.2, random: 9, batch: 2 } },
    async (running) => {
      const { responses } = await running.explain(image, { responses: true });
      const range = Math.max(...image) - Math.min(...image);
      const expected = new Float64Array(responses!.length);
      for (let sample = 0; sample < 5; sample++) {
        const random = Random.stream(9, sample);
        at(image.map((value) => value + 0.2 * range * random.normal())).forEach((value, i) => {
          expected[i]! += value / 5;
        });
      }
      expect(relativeError(responses!, expected)).toBeLessThan(1e-5);
    },
  ));

it('SmoothGrad with another seed is another mean', async () => {
  const maps = (random: number) =>
    withMethod({ ...method, method: 'smooth-grad', options: { samples: 3, random } }, (running) =>
      running.explain(image),
    );
  expect((await maps(1)).maps).not.toEqual((await maps(2)).maps);
});

it('integrated gradients follow the path from the baseline, and tell how far their sum is off', () =>
  withMethod(
    { ...method, method: 'integrated-gradients', options: { steps: 7, baseline: 51, batch: 3 } },
    async (running, engine) => {
      const { responses, completenessError } = await running.explain(image, { responses: true });
      const expected = new Float64Array(responses!.length);
      for (let step = 0; step < 7; step++) {
        const share = (step + 0.5) / 7;
        at(image.map((value) => 0.2 + share * (value - 0.2))).forEach((value, i) => {
          expected[i]! += (value / 7) * (image[i % image.length]! - 0.2);
        });
      }
      expect(relativeError(responses!, expected)).toBeLessThan(1e-5);
      const after = (await engine.predict(image)).logits;
      const before = (await engine.predict(image.map(() => 0.2))).logits;
      all.forEach((c) => {
        const sum = expected.subarray(c * image.length, (c + 1) * image.length).reduce((a, b) => a + b, 0);
        expect(completenessError![c]).toBeCloseTo(sum - (after[c]! - before[c]!), 5);
      });
    },
  ));

it('integrated gradients come nearer to completeness with more steps', async () => {
  const error = (steps: number) =>
    withMethod({ ...method, method: 'integrated-gradients', options: { steps } }, async (running) =>
      Math.max(...(await running.explain(image)).completenessError!.map(Math.abs)),
    );
  const [few, many] = [await error(2), await error(400)];
  expect(many).toBeLessThan(0.01);
  expect(many).toBeLessThan(few / 4);
});
