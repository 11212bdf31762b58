import { GraphPlan, type Layer, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { Random } from '@clearmaps/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { leaksNothing } from '../../deconvnet/test/backends.ts';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { openClassActivation } from '../src/class-activation.ts';
import { cutLayers, graphFrom, graphUpTo } from '../src/graph-parts.ts';
import { allowedValues, choicesOf, type Engine, isAllowed, METHODS } from '../src/index.ts';
import { upsampleBilinear } from '../src/upsample.ts';
import { openTfjs } from './tfjs-engine.ts';
import { withMethod } from './with-method.ts';

beforeAll(() => tf.setBackend('cpu'));
leaksNothing();

/** The small net with a residual branch around its second convolution, a dense layer after the mean. */
function residualNet(): LayerGraph {
  const small = smallNet();
  const weights = new Random([1, 2, 3, 4]);
  const block: Layer[] = small.layers.slice(0, 3).map((layer) => layer as Layer);
  return {
    ...small,
    layers: [
      ...block,
      {
        type: 'conv2d',
        name: 'branch',
        inputs: ['pool'],
        kernel: {
          shape: [3, 3, 5, 5],
          values: Float32Array.from({ length: 225 }, () => weights.normal() / 5),
        },
        strides: [1, 1],
        padding: 'same',
      },
      { type: 'relu', name: 'branch_relu', inputs: ['branch'] },
      { type: 'add', name: 'sum', inputs: ['pool', 'branch_relu'] },
      { type: 'globalAveragePool2d', name: 'mean', inputs: ['sum'] },
      { type: 'dropout', name: 'dropout', inputs: ['mean'], rate: 0.5 },
      {
        type: 'dense',
        name: 'dense',
        inputs: ['dropout'],
        kernel: { shape: [5, 4], values: Float32Array.from({ length: 20 }, () => weights.normal()) },
        bias: { shape: [4], values: Float32Array.from([1, 2, 3, 4]) },
      },
      { type: 'softmax', name: 'softmax', inputs: ['dense'] },
    ],
  };
}

describe('a net in two parts', () => {
  it('falls apart where everything passes through one layer, and nowhere in a branch', () => {
    expect(cutLayers(residualNet())).toEqual(['conv_1', 'relu_1', 'pool', 'sum']);
    expect(cutLayers(smallNet())).toEqual(['conv_1', 'relu_1', 'pool', 'conv_2', 'relu_2']);
  });

  it.each(cutLayers(residualNet()))('gives the scores of the whole, cut at %s', async (layer) => {
    const graph = residualNet();
    const [whole, first, second] = [graph, graphUpTo(graph, layer), graphFrom(graph, layer)].map(
      openTfjs,
    ) as Engine[];
    const image = imagesFor(graph, 2);
    const passed = await second!.predict(await first!.featureMap(image));
    expectClose(passed.logits, (await whole!.predict(image)).logits, 'logits');
    for (const engine of [whole, first, second]) await engine!.dispose();
  });

  it('is what the layer of Grad-CAM is chosen from', () => {
    const { layer } = METHODS['grad-cam'].options;
    expect(choicesOf(layer)).toBeUndefined();
    expect(choicesOf(layer, residualNet())).toEqual(['conv_1', 'relu_1', 'pool', 'sum']);
    expect(allowedValues(layer, residualNet())).toBe('conv_1, relu_1, pool, sum');
    expect([isAllowed(layer, 'sum', residualNet()), isAllowed(layer, 'branch', residualNet())]).toEqual([
      true,
      false,
    ]);
    // Of a net that is not there yet.
    expect(isAllowed(layer, 'branch')).toBe(true);
  });

  it('names the layers that it can be cut at where it is asked for another', () => {
    const graph = residualNet();
    expect(() => graphFrom(graph, 'branch')).toThrow(
      'layer of "small": got "branch"; allowed: conv_1, relu_1, pool, sum.',
    );
    expect(() => graphUpTo(graph, 'nowhere')).toThrow('got "nowhere"; allowed: conv_1,');
  });
});

describe('class activation maps', () => {
  it('have the logit as their mean, of a net that ends in the mean of a map a class', async () => {
    const graph = smallNet();
    const engine = openTfjs(graph);
    const image = imagesFor(graph);
    const map = await engine.featureMap(image);
    await engine.dispose();
    const answer = await withMethod({ method: 'cam', graph, open: openTfjs }, (running) =>
      running.explain(image),
    );
    const [, height, width] = answer.shape;
    for (const c of [0, 1, 2, 3]) {
      const small = Float32Array.from({ length: 16 }, (_, place) => map[place * 4 + c]!);
      expectClose(
        answer.maps.slice(c * height * width, (c + 1) * height * width),
        upsampleBilinear(small, [4, 4], [height, width]),
        'maps',
      );
      expect(small.reduce((a, b) => a + b, 0) / 16).toBeCloseTo(answer.logits[c]!, 5);
    }
  });

  it('read the last map by the weights of the dense layer that follows its mean', async () => {
    const graph = residualNet();
    const image = imagesFor(graph);
    const first = openTfjs(graphUpTo(graph, 'sum'));
    const activation = await first.featureMap(image);
    await first.dispose();
    const { kernel, bias } = graph.layers.find((layer) => layer.type === 'dense')!;
    const answer = await withMethod({ method: 'cam', graph, open: openTfjs }, (running) =>
      running.explain(image),
    );
    for (const c of [0, 3]) {
      const small = Float32Array.from({ length: 16 }, (_, place) => {
        let sum = bias!.values[c]!;
        for (let k = 0; k < 5; k++) sum += activation[place * 5 + k]! * kernel.values[k * 4 + c]!;
        return sum;
      });
      expectClose(answer.maps.slice(c * 56, (c + 1) * 56), upsampleBilinear(small, [4, 4], [8, 7]), 'maps');
    }
  });

  it('are refused, with what to take instead, for a net that flattens its last map', async () => {
    const { layers, ...rest } = smallNet();
    const graph: LayerGraph = {
      ...rest,
      layers: [
        ...layers.slice(0, 5),
        { type: 'flatten', name: 'flat', inputs: ['relu_2'] },
        {
          type: 'dense',
          name: 'dense',
          inputs: ['flat'],
          kernel: { shape: [96, 4], values: new Float32Array(384).fill(0.1) },
        },
      ],
    };
    const call = withMethod({ method: 'cam', graph, open: openTfjs }, async () => undefined);
    await expect(call).rejects.toThrow('Grad-CAM takes any net.');
  });
});

it('Grad-CAM at the last map of a net with a dense layer is the class activation map, rectified, without the bias', async () => {
  // Selvaraju et al. 2017, section 3.1: Grad-CAM generalises CAM, but for a factor, here the number of places.
  const graph = residualNet();
  const plan = new GraphPlan(graph);
  const image = imagesFor(graph);
  const opened: Engine[] = [];
  const open = (net: LayerGraph): Engine => {
    opened.push(openTfjs(net));
    return opened.at(-1)!;
  };
  const activation = await openClassActivation({ plan, open, options: { layer: undefined } });
  const maps = await activation.maps({ image, classes: [0, 1, 2, 3] });
  const map = await opened[0]!.featureMap(image);
  const { kernel } = graph.layers.find((layer) => layer.type === 'dense')!;
  const expected = maps.map((_, at) => {
    let sum = 0;
    for (let k = 0; k < 5; k++) sum += map[(at % 16) * 5 + k]! * kernel.values[k * 4 + Math.floor(at / 16)]!;
    return Math.max(sum, 0) / 16;
  });
  expectClose(maps, expected, 'maps');
  for (const engine of opened) await engine.dispose();
});

it.each([
  [
    [4, 3],
    [8, 7],
  ],
  [
    [5, 5],
    [5, 5],
  ],
  [
    [1, 2],
    [6, 9],
  ],
  [
    [7, 4],
    [30, 4],
  ],
] as const)('enlarges %j to %j as TensorFlow.js does with half pixel centres', (small, large) => {
  const maps = imagesFor({ ...smallNet(), inputShape: [small[0], small[1], 2] });
  const expected = tf.tidy(() =>
    tf
      .transpose(
        tf.image.resizeBilinear(
          tf.transpose(tf.tensor4d(maps, [1, 2, ...small]), [0, 2, 3, 1]) as tf.Tensor4D,
          [...large],
          false,
          true,
        ),
        [0, 3, 1, 2],
      )
      .dataSync<'float32'>(),
  );
  expectClose(upsampleBilinear(maps, small, large), expected, 'maps');
});
