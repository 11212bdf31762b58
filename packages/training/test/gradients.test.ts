import type { Layer, LayerGraph } from '@clearmaps/deconvnet';
import { type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { crossEntropyGradient } from '../src/cross-entropy.ts';
import { Random } from '../src/index.ts';
import { TrainableNet } from '../src/trainable-net.ts';
import { onEachBackendAndWebGpu } from './backends.ts';
import { oracleGradient, oracleLoss, oracleWeights } from './oracle.ts';
import { NetBuilder } from './small-nets.ts';

const BATCH = 3;
/** Of every weight tensor at most this many entries, spread over it. */
const ENTRIES = 24;

/** The largest error of any weight's gradient, relative to the largest entry of that weight's gradient. */
async function worstError(
  graph: LayerGraph,
  { smoothing = 0, drops = false, frozen = [] as string[] } = {},
): Promise<number> {
  const random = Random.stream(7, graph.layers.length);
  const shape = [BATCH, ...graph.inputShape] as [number, number, number, number];
  const size = shape.reduce((a, b) => a * b, 1);
  const pixels = Float32Array.from({ length: size }, () => random.between(-1, 1));
  const net = new TrainableNet(graph, frozen);
  const labels = Array.from({ length: BATCH }, (_, b) => b % net.classes);
  const images = tensor4d(pixels, shape);
  const tape = net.forward(images, drops ? Random.stream(3) : undefined);
  const masks = new Map<string, Float32Array>();
  for (const [name, [mask]] of tape.saved) if (mask) masks.set(name, (await mask.data()) as Float32Array);
  const scores = crossEntropyGradient(tape.logits, labels, smoothing);
  const gradients = net.backward(tape, scores);
  const weights = oracleWeights(graph);
  const learning = [...weights.keys()].filter((key) => !frozen.includes(key.split('/')[0]!));
  expect([...gradients.keys()].sort()).toEqual(learning.sort());
  const loss = (changed: ReadonlyMap<string, Float64Array>): number =>
    oracleLoss(graph, changed, { shape, data: Float64Array.from(pixels) }, labels, smoothing, masks);
  let worst = 0;
  for (const key of learning) {
    const values = weights.get(key)!;
    const stride = Math.max(1, Math.floor(values.length / ENTRIES));
    const entries = [...values.keys()].filter((i) => i % stride === 0);
    const expected = oracleGradient(loss, weights, key, entries);
    const got = (await (gradients.get(key) as Tensor).data()) as Float32Array;
    const scale = Math.max(...expected.map(Math.abs));
    expect(scale, `${key} takes part`).toBeGreaterThan(1e-6);
    entries.forEach((entry, i) => {
      worst = Math.max(worst, Math.abs(got[entry]! - expected[i]!) / scale);
    });
  }
  for (const tensor of [images, scores, ...gradients.values()]) tensor.dispose();
  net.dispose();
  return worst;
}

/** A convolution under test between two others, so that its input gradient is tested too, then a class head. */
function around(
  inputShape: readonly [number, number, number],
  seed: number,
  middle: (net: NetBuilder, channels: number) => number,
): LayerGraph {
  const net = new NetBuilder(inputShape, seed);
  net.conv([3, 3], inputShape[2], 4);
  const channels = middle(net, 4);
  net.conv([1, 1], channels, 3);
  net.simple('globalAveragePool2d');
  net.simple('softmax');
  return net.graph();
}

await onEachBackendAndWebGpu('gradients within 1e-3 of finite differences in double precision', () => {
  const random = Random.stream(11);
  const pick = <T>(values: readonly T[]): T => values[random.next() % values.length]!;
  const convolutions = Array.from({ length: 14 }, (_, i) => ({
    input: [pick([7, 8, 9, 11]), pick([7, 8, 10]), pick([1, 2, 3])] as [number, number, number],
    kernel: [pick([1, 2, 3, 4]), pick([1, 2, 3])] as [number, number],
    strides: [pick([1, 2, 3]), pick([1, 1, 2])] as [number, number],
    dilations: [i % 3 === 0 ? 2 : 1, i % 4 === 0 ? 2 : 1] as [number, number],
    padding: pick(['same', 'valid'] as const),
    bias: i % 5 !== 0,
  }));
  test.each(convolutions)(
    'of a convolution: $input, kernel $kernel, strides $strides, dilations $dilations, $padding',
    async ({ input, kernel, strides, dilations, padding, bias }) => {
      const graph = around(input, 1, (net, channels) => {
        net.conv(kernel, channels, 5, { strides, dilations, padding, bias });
        net.simple('relu');
        return 5;
      });
      expect(await worstError(graph)).toBeLessThan(1e-3);
    },
  );

  test.each([
    ['maxPool2d', [2, 2], [2, 2], 'valid'],
    ['maxPool2d', [3, 3], [2, 2], 'same'],
    ['maxPool2d', [3, 2], [1, 3], 'valid'],
    ['maxPool2d', [2, 2], [3, 3], 'same'],
    ['maxPool2d', [3, 1], [1, 2], 'same'],
    ['averagePool2d', [3, 1], [1, 2], 'same'],
    ['averagePool2d', [2, 2], [2, 2], 'valid'],
    ['averagePool2d', [3, 3], [2, 2], 'same'],
    ['averagePool2d', [3, 2], [1, 3], 'valid'],
    ['averagePool2d', [2, 2], [3, 3], 'same'],
  ] as const)('of %s of size %j, strides %j, %s', async (type, size, strides, padding) => {
    const graph = around([9, 7, 2], 2, (net, channels) => {
      net.pool(type, size, strides, padding);
      return channels;
    });
    expect(await worstError(graph)).toBeLessThan(1e-3);
  });

  test.each([
    ['depthwise, strided', 6, 12, 6, [2, 1]],
    ['depthwise', 6, 6, 6, [1, 1]],
    ['in groups', 6, 4, 2, [1, 2]],
  ] as const)(
    'below a frozen convolution that is %s',
    async (_, channelsIn, channelsOut, groups, strides) => {
      const net = new NetBuilder([7, 6, 2], 6);
      net.conv([3, 3], 2, channelsIn);
      net.conv([3, 2], channelsIn / groups, channelsOut, { groups, strides });
      const frozen = net.last;
      net.conv([1, 1], channelsOut, 3);
      net.simple('globalAveragePool2d');
      expect(await worstError(net.graph(), { frozen: [frozen] })).toBeLessThan(1e-3);
    },
  );

  test('of borders in numbers, zero padding, ReLU6, leaky ReLU and an affine layer', async () => {
    const border = [
      [2, 0],
      [1, 3],
    ] as const;
    const net = new NetBuilder([6, 7, 2], 8);
    net.conv([3, 3], 2, 4, { padding: border, strides: [2, 1] });
    const add = (layer: Record<string, unknown>) =>
      net.layers.push({ ...layer, name: layer.type, inputs: [net.last] } as unknown as Layer);
    const scale = { shape: [4], values: Float32Array.from([9, -7, 5, 8]) };
    add({ type: 'affine', scale, shift: { shape: [4], values: Float32Array.from([1, 2, 0, -1]) } });
    add({ type: 'relu6' });
    add({ type: 'zeroPadding2d', padding: border });
    net.conv([2, 2], 4, 3);
    add({ type: 'leakyRelu', alpha: 0.3 });
    net.pool('maxPool2d', [3, 4], [2, 2], border);
    net.conv([1, 1], 3, 3);
    net.simple('globalAveragePool2d');
    expect(await worstError(net.graph())).toBeLessThan(1e-3);
  });

  test('of dense, flatten and a ReLU between them, without a softmax at the end', async () => {
    const net = new NetBuilder([5, 4, 2], 3);
    net.conv([3, 3], 2, 3);
    net.simple('relu');
    net.simple('flatten');
    net.dense(60, 7);
    net.simple('relu');
    net.dense(7, 4, false);
    expect(await worstError(net.graph())).toBeLessThan(1e-3);
  });

  test('of outputs that several layers take: residual sums, a sum with itself, concatenations', async () => {
    const net = new NetBuilder([6, 6, 2], 4);
    const stem = net.conv([3, 3], 2, 4);
    const rectified = net.simple('relu');
    const branch = net.conv([3, 3], 4, 4, { inputs: [rectified] });
    const sum = net.join('add', [branch, stem, rectified]);
    const doubled = net.join('add', [sum, sum]);
    const wide = net.conv([1, 1], 4, 3, { inputs: [doubled] });
    net.join('concat', [wide, sum, rectified]);
    net.conv([1, 1], 11, 3);
    net.simple('globalAveragePool2d');
    net.simple('softmax');
    expect(await worstError(net.graph())).toBeLessThan(1e-3);
  });

  test('of a concatenation of rank 1 and a sum of dense layers', async () => {
    const net = new NetBuilder([3, 3, 1], 5);
    const flat = net.simple('flatten');
    const first = net.dense(9, 4);
    net.layers.push({ ...net.layers.at(-1)!, name: 'second', inputs: [flat] });
    net.join('add', [first, 'second']);
    net.join('concat', [net.last, first]);
    net.dense(8, 3);
    expect(await worstError(net.graph())).toBeLessThan(1e-3);
  });

  test('of dropout, through what it kept', async () => {
    const graph = around([6, 6, 1], 6, (net, channels) => {
      net.simple('relu');
      net.dropout(0.4);
      return channels;
    });
    expect(await worstError(graph, { drops: true })).toBeLessThan(1e-3);
  });

  test('of smoothed labels', async () => {
    const graph = around([5, 5, 1], 8, (net, channels) => {
      net.simple('relu');
      return channels;
    });
    expect(await worstError(graph, { smoothing: 0.2 })).toBeLessThan(1e-3);
  });
});
