import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of the ops, which tfjs-core alone does not.
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { isRectifier } from '../src/graph.ts';
import { createExplainer, INPUT, type LayerGraph, RULES, type Rule } from '../src/index.ts';
import { fewerOnWebGpu, leaksNothing, onEachBackend } from './backends.ts';
import { expectClose, largest } from './compare.ts';
import { Random } from './random.ts';
import { type RandomCase, randomCase } from './random-case.ts';
import { randomGraph } from './random-graphs.ts';
import { tfjsPadding } from './tfjs-padding.ts';

const rules = Object.keys(RULES) as Rule[];
const allCases = Array.from({ length: 48 }, (_, seed) => randomCase(seed, 1));

const classesOf = ({ oracle }: RandomCase): number[] =>
  Array.from({ length: oracle.featureMapSize[2] }, (_, c) => c);

/** The responses of one image, an array a class. */
async function responsesOf(
  { graph, images }: RandomCase,
  rule: Rule,
  seed: 'activation' | 'positive' | 'unit',
): Promise<Float32Array[]> {
  const explainer = createExplainer(graph);
  const { responses, classes } = await explainer.explain(images[0]!, { rule, seed, responses: true });
  explainer.dispose();
  const size = responses!.length / classes.length;
  return classes.map((_, row) => responses!.slice(row * size, (row + 1) * size));
}

const weightedSum = (parts: readonly ArrayLike<number>[], weights: readonly number[]): Float64Array => {
  const sum = new Float64Array(parts[0]!.length);
  for (const [c, part] of parts.entries()) {
    for (let i = 0; i < part.length; i++) sum[i] = sum[i]! + weights[c]! * part[i]!;
  }
  return sum;
};

onEachBackend((backend) => {
  const cases = fewerOnWebGpu(backend, allCases, 16);

  it.each(['linear', 'gradient'] as const)('the rule %s is linear in the seed', async (rule) => {
    for (const one of cases) {
      const { oracle, traces, graph } = one;
      const classes = classesOf(one);
      const responses = await responsesOf(one, rule, 'activation');
      // R(x | all) = sum over c of R(x | c): the seed is then z_L whole.
      const map = oracle.featureMapOf(traces[0]!);
      const whole = oracle.respond(traces[0]!, rule, Float64Array.from(map));
      const ones = classes.map(() => 1);
      // Large parts may cancel, so the error is measured against them.
      const scale = Math.max(...responses.map(largest), largest(whole)) || 1;
      const error = weightedSum(responses, ones).map((value, i) => value - whole[i]!);
      expect(largest(error) / scale, `${graph.name}: all classes`).toBeLessThan(1e-5);

      const random = new Random(5);
      const weights = classes.map(() => random.normal());
      const seed = Float64Array.from(map, (value, i) => value * weights[i % classes.length]!);
      const mixed = oracle.respond(traces[0]!, rule, seed);
      const mixedError = weightedSum(responses, weights).map((value, i) => value - mixed[i]!);
      expect(largest(mixedError) / scale, `${graph.name}: a mixture of classes`).toBeLessThan(2e-5);
    }
  });

  it('positive seeds are signed ones where the feature map is positive, under any rule', async () => {
    const positives = cases.filter(({ oracle, traces }) =>
      oracle.featureMapOf(traces[0]!).every((value) => value >= 0),
    );
    expect(positives.length).toBeGreaterThan(2);
    for (const one of positives) {
      // Of relevance only one on webgpu: every rule starts from the seeds in the same way.
      for (const rule of fewerOnWebGpu(backend, rules, 6)) {
        const signed = await responsesOf(one, rule, 'activation');
        const positive = await responsesOf(one, rule, 'positive');
        // Not to the bit: signed seeds leave the separable form earlier, and sums go in another order.
        for (const [c, response] of positive.entries()) expectClose(response, signed[c]!, one.graph.name);
      }
    }
  });

  it('all rules agree where no ReLU stands between', async () => {
    const plain = cases.filter(({ graph }) => !graph.layers.some(isRectifier));
    expect(plain.length).toBeGreaterThan(0);
    for (const one of plain) {
      const linear = await responsesOf(one, 'linear', 'activation');
      for (const rule of ['deconvnet', 'gradient', 'guided'] as const) {
        expect(await responsesOf(one, rule, 'activation'), one.graph.name).toEqual(linear);
      }
    }
  });
});

/** The same net from tfjs' own ops, up to the layer `until`. */
function tfjsNet(graph: LayerGraph, until: string): (x: tf.Tensor4D) => tf.Tensor {
  return (x) => {
    const outputs = new Map<string, tf.Tensor>([[INPUT, x]]);
    for (const layer of graph.layers) {
      const inputs = layer.inputs.map((name) => outputs.get(name)!);
      const first = inputs[0] as tf.Tensor4D;
      const run = (): tf.Tensor => {
        switch (layer.type) {
          case 'conv2d': {
            const filter = tf.tensor4d(
              layer.kernel.values,
              layer.kernel.shape as [number, number, number, number],
            );
            const { groups = 1, padding, strides } = layer;
            const dilations = [...(layer.dilations ?? [1, 1])] as [number, number];
            const one = (x: tf.Tensor4D, kernel: tf.Tensor4D) =>
              tf.conv2d(x, kernel, [...strides], tfjsPadding(padding), 'NHWC', dilations);
            const filters = tf.split<tf.Tensor4D>(filter, groups, -1);
            const y =
              groups === 1
                ? one(first, filter)
                : tf.concat(
                    tf.split<tf.Tensor4D>(first, groups, -1).map((part, g) => one(part, filters[g]!)),
                    -1,
                  );
            return layer.bias ? tf.add(y, tf.tensor1d(layer.bias.values)) : y;
          }
          case 'dense': {
            const y = tf.matMul(
              tf.reshape(first, [1, -1]),
              tf.tensor2d(layer.kernel.values, layer.kernel.shape as [number, number]),
            );
            return layer.bias ? tf.add(y, tf.tensor1d(layer.bias.values)) : y;
          }
          case 'maxPool2d':
            return tf.maxPool(first, [...layer.poolSize], [...layer.strides], tfjsPadding(layer.padding));
          case 'averagePool2d':
            return tf.avgPool(first, [...layer.poolSize], [...layer.strides], tfjsPadding(layer.padding));
          case 'globalAveragePool2d':
            return tf.mean(first, [1, 2]);
          case 'affine': {
            const y = tf.mul(first, tf.tensor1d(layer.scale.values));
            return layer.shift ? tf.add(y, tf.tensor1d(layer.shift.values)) : y;
          }
          case 'relu':
            return tf.relu(first);
          case 'relu6':
            return tf.relu6(first);
          case 'leakyRelu':
            return tf.leakyRelu(first, layer.alpha);
          case 'zeroPadding2d':
            return tf.pad(first, [[0, 0], [...layer.padding[0]], [...layer.padding[1]], [0, 0]]);
          case 'flatten':
            return tf.reshape(first, [1, -1]);
          case 'add':
            return inputs.reduce((a, b) => tf.add(a, b));
          case 'concat':
            return tf.concat(inputs, -1);
          case 'dropout':
          case 'softmax':
            return first;
        }
      };
      outputs.set(layer.name, run());
      if (layer.name === until) break;
    }
    return outputs.get(until)!;
  };
}

/**
 * tfjs has no gradient of a dilated convolution, and its gradient of an average pool counts the padding in, which
 * its own forward pass leaves out.
 */
const differentiable = (graph: LayerGraph): boolean =>
  graph.layers.every((layer) => {
    if (layer.type === 'conv2d') return String(layer.dilations ?? '1,1') === '1,1';
    return layer.type !== 'averagePool2d' || layer.padding === 'valid';
  });

describe('the gradient rule with unit seeds', () => {
  beforeAll(() => tf.setBackend('cpu'));
  leaksNothing();

  const plain = Array.from({ length: 140 }, (_, seed) => seed)
    .filter((seed) => differentiable(randomGraph(seed).graph))
    .map((seed) => randomCase(seed, 1));

  it('is compared on enough nets', () => expect(plain.length).toBeGreaterThanOrEqual(12));

  it.each(plain)("equals tfjs' autodiff: $graph.name", async (one) => {
    const { graph, images, featureMap, oracle } = one;
    const responses = await responsesOf(one, 'gradient', 'unit');
    const shape = [1, ...graph.inputShape] as [number, number, number, number];
    const [height, width, channels] = oracle.featureMapSize;
    // The sum over the map is then as many times the score.
    const places = one.pool === undefined ? 1 : height * width;
    for (const c of [0, channels - 1]) {
      const gradient = tf.tidy(() => {
        const net = tfjsNet(graph, featureMap);
        const score = (x: tf.Tensor): tf.Scalar => {
          const columns = tf.reshape(net(x as tf.Tensor4D), [-1, channels]);
          return tf.mul(tf.sum(tf.slice(columns, [0, c], [-1, 1])), places);
        };
        return tf.grad(score)(tf.tensor4d(images[0]!, shape)).dataSync();
      });
      expectClose(responses[c]!, gradient, `class ${c}`);
    }
  });

  it.each(allCases)('equals finite differences of a float64 forward pass: $graph.name', async (one) => {
    const { graph, images, oracle } = one;
    const responses = await responsesOf(one, 'gradient', 'unit');
    const channels = oracle.featureMapSize[2];
    // A net of ReLUs and pools is piecewise linear: no error but rounding, as long as no kink is crossed.
    const step = 1e-8;
    const scores = (pixel: number, by: number): Float64Array => {
      const image = Float64Array.from(images[0]!);
      image[pixel] = image[pixel]! + by;
      const sums = new Float64Array(channels);
      const map = oracle.featureMapOf(oracle.forward(image));
      for (const [i, value] of map.entries()) sums[i % channels] = sums[i % channels]! + value;
      return sums;
    };
    const scale = Math.max(...responses.map(largest), 1);
    const random = new Random(1);
    const pixels = graph.inputShape.reduce((a, b) => a * b);
    for (let tries = 0; tries < 6; tries++) {
      const pixel = random.int(0, pixels - 1);
      const [above, below] = [scores(pixel, step), scores(pixel, -step)];
      for (let c = 0; c < channels; c++) {
        const slope = (above[c]! - below[c]!) / (2 * step);
        // Differences of 1e-8 keep eight digits of float64's sixteen.
        expect(Math.abs(slope - responses[c]![pixel]!) / scale, `pixel ${pixel}, class ${c}`).toBeLessThan(
          1e-5,
        );
      }
    }
  });
});
