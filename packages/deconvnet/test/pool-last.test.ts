import { expect, it } from 'vitest';
import { GraphPlan } from '../src/graph.ts';
import { createExplainer, INPUT, type Layer, type LayerGraph } from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { expectClose } from './compare.ts';
import { Random } from './random.ts';
import { imagesFor } from './small-nets.ts';

const random = new Random(12);
const weight = (...shape: number[]) => ({ shape, values: random.floats(shape.reduce((a, b) => a * b)) });
const dense = (name: string, input: string, channelsIn: number, channelsOut: number): Layer => ({
  type: 'dense',
  name,
  inputs: [input],
  kernel: weight(channelsIn, channelsOut),
  bias: weight(channelsOut),
});

/** A map of 5x4 with 6 channels, a pooling, and a head. */
const net = (...head: Layer[]): LayerGraph => ({
  name: 'pooled',
  inputShape: [5, 4, 2],
  layers: [
    {
      type: 'conv2d',
      name: 'conv',
      inputs: [INPUT],
      kernel: weight(3, 3, 2, 6),
      strides: [1, 1],
      padding: 'same',
    },
    { type: 'globalAveragePool2d', name: 'gap', inputs: ['conv'] },
    ...head,
  ],
});

const teachable = net(
  dense('hidden', 'gap', 6, 8),
  { type: 'relu', name: 'relu', inputs: ['hidden'] },
  dense('scores', 'relu', 8, 3),
  { type: 'softmax', name: 'softmax', inputs: ['scores'] },
);

const layersOf = (graph: LayerGraph) =>
  [...new GraphPlan(graph).layers.values()].map(({ type, name, inputs }) => `${name}: ${type} of ${inputs}`);

it('a pooling goes behind the dense layers that follow it, in front of the softmax', () => {
  expect(layersOf(teachable)).toEqual([
    'conv: conv2d of input',
    'hidden: conv2d of conv',
    'relu: meanGate of hidden',
    'scores: conv2d of relu',
    'gap: globalAveragePool2d of scores',
    'softmax: softmax of gap',
  ]);
  const { featureMap, shapes } = new GraphPlan(teachable);
  expect(featureMap).toEqual({ layer: 'scores', shape: [5, 4, 3], logits: 'gap' });
  expect(shapes.get('hidden')).toEqual([5, 4, 8]);
  expect(shapes.get('gap')).toEqual([3]);
});

it('a flatten of what the pooling gave goes, a dropout stays', () => {
  const graph = net(
    { type: 'flatten', name: 'flatten', inputs: ['gap'] },
    { type: 'dropout', name: 'dropout', inputs: ['flatten'], rate: 0.2 },
    dense('scores', 'dropout', 6, 3),
  );
  expect(layersOf(graph)).toEqual([
    'conv: conv2d of input',
    'dropout: dropout of conv',
    'scores: conv2d of dropout',
    'gap: globalAveragePool2d of scores',
  ]);
});

it('a pooling stays where nothing changes values behind it, and where the way to the scores branches', () => {
  const idle = net({ type: 'dropout', name: 'dropout', inputs: ['gap'], rate: 0.2 });
  expect(new GraphPlan(idle).featureMap).toEqual({ layer: 'conv', shape: [5, 4, 6], logits: 'dropout' });
  const branches = net(dense('one', 'gap', 6, 3), dense('two', 'gap', 6, 3), {
    type: 'add',
    name: 'sum',
    inputs: ['one', 'two'],
  });
  expect(new GraphPlan(branches).featureMap).toEqual({ layer: 'sum', shape: [1, 1, 3], logits: 'sum' });
});

onEachBackend(() => {
  it('the graph of an explainer is the one that came', () => {
    const explainer = createExplainer(teachable);
    expect(explainer.graph).toBe(teachable);
    explainer.dispose();
  });

  it.each(['relu', 'relu6', 'leakyRelu'] as const)(
    'the mean of the feature map is the class score, through a head with %s',
    async (type) => {
      const large = { shape: [8], values: new Float32Array(8).fill(9) };
      const graph = net(
        dense('hidden', 'gap', 6, 8),
        { type: 'affine', name: 'norm', inputs: ['hidden'], scale: large, shift: weight(8) },
        { type, name: 'kink', inputs: ['norm'], ...(type === 'leakyRelu' && { alpha: 0.2 }) } as Layer,
        dense('scores', 'kink', 8, 3),
      );
      const explainer = createExplainer(graph);
      const images = imagesFor(graph, 4);
      const { logits } = await explainer.predict(images);
      const map = await explainer.featureMap(images);
      const means = new Float64Array(4 * 3);
      for (const [i, value] of map.entries()) {
        const at = Math.floor(i / (20 * 3)) * 3 + (i % 3);
        means[at] = means[at]! + value / 20;
      }
      expectClose(means, logits, 'means');
      // Or every image would lie on one piece of the head.
      expect(new Set(map).size).toBeGreaterThan(100);
      explainer.dispose();
    },
  );
});
