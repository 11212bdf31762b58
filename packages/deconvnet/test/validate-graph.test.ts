import { ClearmapsError } from '@clearmaps/errors';
import { describe, expect, it } from 'vitest';
import {
  createExplainer,
  GraphError,
  LAYER_TYPES,
  type Layer,
  type LayerGraph,
  UnsupportedLayerError,
  validateGraph,
} from '../src/index.ts';
import './backends.ts';
import { randomGraph } from './random-graphs.ts';
import { smallNet } from './small-nets.ts';

const net = smallNet();
const names = net.layers.map((layer) => layer.name);

/** The small net with one layer's fields replaced. */
const changed = (name: string, fields: Record<string, unknown>): LayerGraph => ({
  ...net,
  layers: net.layers.map((layer) => (layer.name === name ? ({ ...layer, ...fields } as Layer) : layer)),
});

const chain = (...layers: Record<string, unknown>[]): LayerGraph => ({
  name: 'chain',
  inputShape: [4, 4, 2],
  layers: layers.map((layer, i) => ({
    name: `layer_${i}`,
    inputs: [i === 0 ? 'input' : `layer_${i - 1}`],
    ...layer,
  })) as unknown as Layer[],
});

const floats = (...shape: number[]) => ({
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});
const gap = { type: 'globalAveragePool2d' };
const flatten = { type: 'flatten' };
const kernel = (...values: number[]) => ({ shape: [1, 1, 6, 4], values: Float32Array.from(values) });
const spoilt = (value: number) => kernel(...new Array(23).fill(1), value);
const relu = (name: string, ...inputs: string[]) => ({ type: 'relu', name, inputs }) as Layer;

/** What is wrong, the graph, and the whole message: the layer, what came, what is allowed. */
const wrong: [string, LayerGraph, string | RegExp][] = [
  [
    'an input shape of two numbers',
    { ...net, inputShape: [8, 7] as unknown as [number, number, number] },
    'graph "small": inputShape: got [8,7]; allowed: [height, width, channels], whole numbers from 1.',
  ],
  ['an input without rows', { ...net, inputShape: [0, 7, 3] }, /inputShape: got \[0,7,3\]/],
  ['half a pixel', { ...net, inputShape: [8, 7.5, 3] }, /inputShape: got \[8,7.5,3\]/],
  ['no layers', { ...net, layers: [] }, 'graph "small": layers: got none.'],
  [
    'two layers of one name',
    changed('relu_2', { name: 'relu_1' }),
    'layer "relu_1" (relu), name of layer 5: got a name that is empty or taken; allowed: a name of its own.',
  ],
  ['a layer without a name', changed('relu_1', { name: '' }), /name of layer 2: got a name that is empty/],
  ['a layer called input', changed('conv_1', { name: 'input' }), /layer "input" \(conv2d\), name of layer 1/],
  [
    'a layer without inputs',
    changed('relu_1', { inputs: [] }),
    'layer "relu_1" (relu), inputs: got none; allowed: at least one earlier layer or "input".',
  ],
  [
    'an input that does not exist',
    changed('pool', { inputs: ['nowhere'] }),
    'layer "pool" (maxPool2d), inputs: got "nowhere"; allowed: an earlier layer: input, conv_1, relu_1.',
  ],
  [
    'an input that comes later',
    changed('pool', { inputs: ['conv_2'] }),
    /"pool".*got "conv_2"; allowed: an earlier/,
  ],
  [
    'a layer that takes itself',
    changed('pool', { inputs: ['pool'] }),
    /"pool".*got "pool"; allowed: an earlier/,
  ],
  [
    'a ReLU of two layers',
    changed('relu_1', { inputs: ['conv_1', 'input'] }),
    'layer "relu_1" (relu), inputs: got 2; allowed: one.',
  ],
  [
    'a softmax in the middle',
    chain(
      { type: 'conv2d', kernel: floats(1, 1, 2, 3), strides: [1, 1], padding: 'same' },
      { type: 'softmax' },
      gap,
    ),
    'layer "layer_1" (softmax), position: got 2; allowed: the last one.',
  ],
  [
    'a branch that leads nowhere',
    { ...net, layers: [...net.layers.slice(0, 2), relu('stray', 'relu_1'), ...net.layers.slice(2)] },
    'layer "stray": got an output that no layer takes; allowed: one output, "softmax". Remove the branch or connect it.',
  ],
  [
    'an input that no layer takes',
    // Only a graph without a way from its input could have one, and such a graph has no first layer.
    { ...net, layers: [relu('alone', 'alone')] },
    /layer "alone" \(relu\), inputs: got "alone"; allowed: an earlier layer: input\./,
  ],
  [
    'too few class names',
    { ...net, classNames: ['cat', 'dog'] },
    'graph "small": classNames: got 2 names; allowed: 4, one a class of layer "softmax".',
  ],
  [
    'too many class names',
    { ...net, classNames: ['a', 'b', 'c', 'd', 'e'] },
    /classNames: got 5 names; allowed: 4/,
  ],
  [
    'a kernel of rank 3',
    changed('conv_1', { kernel: floats(3, 3, 5) }),
    'layer "conv_1" (conv2d), kernel shape: got [3,3,5]; allowed: [height, width, in / groups, out].',
  ],
  [
    'a kernel without rows',
    changed('conv_1', { kernel: floats(0, 3, 3, 5) }),
    /kernel shape: got \[0,3,3,5\]/,
  ],
  [
    'a kernel for other channels',
    changed('conv_2', { kernel: floats(3, 3, 4, 6) }),
    'layer "conv_2" (conv2d), kernel: got 4 input channels; allowed: 5, as layer "pool" gives.',
  ],
  [
    'too few weights',
    changed('scores', { kernel: kernel(1, 2, 3) }),
    'layer "scores" (conv2d), kernel values: got 3 values; allowed: a Float32Array of 24, [1,1,6,4].',
  ],
  [
    'weights that are no Float32Array',
    changed('scores', { kernel: { shape: [1, 1, 6, 4], values: new Array(24).fill(1) } }),
    /kernel values: got 24 values; allowed: a Float32Array of 24/,
  ],
  [
    'a NaN weight',
    changed('scores', { kernel: spoilt(Number.NaN) }),
    'layer "scores" (conv2d), kernel values: got NaN or Infinity among them; allowed: finite numbers.',
  ],
  [
    'an infinite weight',
    changed('scores', { kernel: spoilt(Number.POSITIVE_INFINITY) }),
    /NaN or Infinity among them/,
  ],
  [
    'weights of both infinities',
    changed('scores', { kernel: kernel(Infinity, -Infinity, ...new Array(22).fill(1)) }),
    /NaN or Infinity among them/,
  ],
  [
    'a NaN bias',
    changed('scores', { bias: { shape: [4], values: Float32Array.from([0, 0, 0, Number.NaN]) } }),
    /"scores".*bias values: got NaN/,
  ],
  [
    'a bias of another length',
    changed('scores', { bias: floats(3) }),
    'layer "scores" (conv2d), bias shape: got [3]; allowed: [4].',
  ],
  ['a bias of rank 2', changed('scores', { bias: floats(1, 4) }), /bias shape: got \[1,4\]; allowed: \[4\]/],
  [
    'strides of 0',
    changed('conv_1', { strides: [0, 1] }),
    'layer "conv_1" (conv2d), strides: got [0,1]; allowed: two whole numbers from 1.',
  ],
  [
    'strides that are one number',
    changed('conv_1', { strides: 2 }),
    /"conv_1".*strides: got 2; allowed: two/,
  ],
  [
    'dilations of a half',
    changed('conv_1', { dilations: [1, 0.5] }),
    /dilations: got \[1,0.5\]; allowed: two/,
  ],
  [
    'padding of another name',
    changed('conv_1', { padding: 'full' }),
    /padding: got "full"; allowed: 'same', 'valid' or \[\[top, bottom\], \[left, right\]\] in whole/,
  ],
  [
    'a kernel larger than the image',
    changed('conv_1', { kernel: floats(9, 3, 3, 5), padding: 'valid' }),
    'layer "conv_1" (conv2d), input: got [8,7,3]; allowed: an input at least as large as the window.',
  ],
  [
    'a dilated kernel larger than the image',
    changed('conv_1', { dilations: [1, 4], padding: 'valid' }),
    /"conv_1".*at least as large as the window/,
  ],
  [
    'a pool size of 0',
    changed('pool', { poolSize: [2, 0] }),
    /"pool" \(maxPool2d\), poolSize: got \[2,0\]; allowed: two/,
  ],
  [
    'pool strides of three numbers',
    changed('pool', { strides: [1, 2, 2] }),
    /"pool".*strides: got \[1,2,2\]/,
  ],
  ['a pool without padding rule', changed('pool', { padding: undefined }), /"pool".*padding: got undefined/],
  [
    'a pool larger than its image',
    changed('pool', { poolSize: [9, 9], padding: 'valid' }),
    /"pool".*got \[8,7,5\]; allowed: an input at least as large/,
  ],
  [
    'a convolution after a flatten',
    chain(flatten, { type: 'conv2d', kernel: floats(1, 1, 32, 2), strides: [1, 1], padding: 'same' }),
    'layer "layer_1" (conv2d), input: got [32]; allowed: rank 3, [height, width, channels].',
  ],
  [
    'a global pool after a flatten',
    chain(flatten, gap),
    /"layer_1" \(globalAveragePool2d\), input: got \[32\]/,
  ],
  [
    'a dense layer on an image',
    chain({ type: 'dense', kernel: floats(2, 3) }),
    'layer "layer_0" (dense), input: got [4,4,2]; allowed: rank 1: put a flatten layer before it.',
  ],
  [
    'a dense kernel for another length',
    chain(flatten, { type: 'dense', kernel: floats(31, 3) }),
    'layer "layer_1" (dense), kernel shape: got [31,3]; allowed: [32, out].',
  ],
  [
    'a dense kernel of rank 1',
    chain(flatten, { type: 'dense', kernel: floats(32) }),
    /kernel shape: got \[32\]/,
  ],
  [
    'a dense bias of another length',
    chain(flatten, { type: 'dense', kernel: floats(32, 3), bias: floats(32) }),
    /"layer_1" \(dense\), bias shape: got \[32\]; allowed: \[3\]/,
  ],
  [
    'a dropout of everything',
    chain({ type: 'dropout', rate: 1 }, gap),
    'layer "layer_0" (dropout), rate: got 1; allowed: 0 <= rate < 1.',
  ],
  ['a dropout without rate', chain({ type: 'dropout' }, gap), /rate: got undefined/],
  [
    'a sum of one',
    chain({ type: 'add' }, gap),
    'layer "layer_0" (add), inputs: got 1; allowed: two or more.',
  ],
  [
    'a sum of two shapes',
    chain(
      { type: 'averagePool2d', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
      { type: 'add', inputs: ['input', 'layer_0'] },
      gap,
    ),
    'layer "layer_1" (add), input shapes: got [4,4,2] and [2,2,2]; allowed: one and the same shape.',
  ],
  [
    'a concatenation of two sizes',
    chain(
      { type: 'averagePool2d', poolSize: [1, 2], strides: [1, 2], padding: 'valid' },
      { type: 'concat', inputs: ['input', 'layer_0'] },
      gap,
    ),
    'layer "layer_1" (concat), input shapes: got [4,4,2] and [4,2,2]; allowed: shapes that differ in channels only.',
  ],
  [
    'a concatenation of two ranks',
    chain(flatten, { type: 'concat', inputs: ['layer_0', 'input'] }, gap),
    /"layer_1" \(concat\), input shapes: got \[32\] and \[4,4,2\]/,
  ],
  [
    'a border of half a pixel',
    changed('conv_1', {
      padding: [
        [0, 0.5],
        [0, 0],
      ],
    }),
    /"conv_1".*padding: got \[\[0,0.5\],\[0,0\]\]; allowed: 'same', 'valid' or/,
  ],
  ['a border of two numbers', changed('conv_1', { padding: [1, 1] }), /padding: got \[1,1\]; allowed/],
  [
    'a border of less than nothing',
    chain({
      type: 'zeroPadding2d',
      padding: [
        [0, 0],
        [-1, 0],
      ],
    }),
    'layer "layer_0" (zeroPadding2d), padding: got [[0,0],[-1,0]]; allowed: [[top, bottom], [left, right]] in whole ' +
      'numbers from 0.',
  ],
  [
    'a pool that could see padding alone',
    changed('pool', {
      padding: [
        [0, 0],
        [2, 0],
      ],
    }),
    'layer "pool" (maxPool2d), padding: got [[0,0],[2,0]]; allowed: less than the window, [2,2].',
  ],
  [
    'groups that do not divide the channels',
    changed('conv_2', { groups: 2 }),
    'layer "conv_2" (conv2d), groups: got 2; allowed: a divisor of 5 input and 6 output channels.',
  ],
  ['groups of nothing', changed('conv_2', { groups: 0 }), /groups: got 0; allowed: a divisor/],
  [
    'a kernel that knows of no groups',
    chain({ type: 'conv2d', kernel: floats(1, 1, 2, 4), strides: [1, 1], padding: 'same', groups: 2 }, gap),
    'layer "layer_0" (conv2d), kernel: got 2 input channels; allowed: 1, as layer "input" gives in 2 groups.',
  ],
  [
    'a scale for other channels',
    chain({ type: 'affine', scale: floats(3) }, gap),
    'layer "layer_0" (affine), scale shape: got [3]; allowed: [2].',
  ],
  ['an affine layer without a scale', chain({ type: 'affine' }, gap), /scale shape: got \[undefined\]/],
  [
    'a shift that is no number',
    chain(
      {
        type: 'affine',
        scale: floats(2),
        shift: { shape: [2], values: Float32Array.from([0, Number.NaN]) },
      },
      gap,
    ),
    /shift values: got NaN or Infinity/,
  ],
  [
    'a leaky ReLU that is steeper below zero',
    chain({ type: 'leakyRelu', alpha: 1 }, gap),
    'layer "layer_0" (leakyRelu), alpha: got 1; allowed: 0 <= alpha < 1.',
  ],
  ['a leaky ReLU without a slope', chain({ type: 'leakyRelu' }, gap), /alpha: got undefined/],
  [
    'a concatenation of one',
    chain({ type: 'concat' }, gap),
    /\(concat\), inputs: got 1; allowed: two or more/,
  ],
];

describe('a graph is refused for', () => {
  it.each(wrong)('%s', (_, graph, message) => {
    const error = (() => {
      try {
        validateGraph(graph);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(GraphError);
    expect(error).toBeInstanceOf(ClearmapsError);
    expect((error as Error).name).toBe('GraphError');
    if (typeof message === 'string') expect((error as Error).message).toBe(message);
    else expect((error as Error).message).toMatch(message);
    expect(() => createExplainer(graph)).toThrow(GraphError);
  });

  it.each(['attention', 'toString', '__proto__', undefined])('a layer of the type %s', (type) => {
    const graph = changed('pool', { type });
    expect(() => validateGraph(graph)).toThrow(UnsupportedLayerError);
    expect(() => validateGraph(graph)).toThrow(
      `layer "pool": got type ${JSON.stringify(type)}; allowed: ${LAYER_TYPES.join(', ')}.`,
    );
  });

  it.each([
    [
      'class scores that still have places',
      { ...net, layers: net.layers.slice(0, -2) },
      'graph "small": class scores of layer "scores": got [4,4,4]; allowed: one score a class: [N] or [1, 1, N]. ' +
        'End the net with a globalAveragePool2d layer.',
    ],
    [
      'nothing between input and scores',
      chain({ type: 'dropout', rate: 0.5 }, gap, { type: 'softmax' }),
      'graph "chain": the feature map of the last layer: got nothing between the input and the class scores; ' +
        'allowed: a net whose last layer has one kernel a class.',
    ],
  ])('an explanation with %s', (_, graph, message) => {
    expect(() => createExplainer(graph)).toThrow(GraphError);
    expect(() => createExplainer(graph)).toThrow(message);
  });
});

describe('a graph that is right', () => {
  it('has the shapes of all its layers inferred, the input included', () => {
    expect([...validateGraph({ ...net, classNames: ['a', 'b', 'c', 'd'] })]).toEqual([
      ['input', [8, 7, 3]],
      ['conv_1', [8, 7, 5]],
      ['relu_1', [8, 7, 5]],
      ['pool', [4, 4, 5]],
      ['conv_2', [4, 4, 6]],
      ['relu_2', [4, 4, 6]],
      ['scores', [4, 4, 4]],
      ['gap', [4]],
      ['softmax', [4]],
    ]);
    expect(names).toHaveLength(8);
  });

  it('may use every layer type', () => {
    const types = new Set<string>();
    for (let seed = 0; seed < 48; seed++) {
      const { graph } = randomGraph(seed);
      for (const { type } of graph.layers) types.add(type);
      expect(validateGraph(graph).size).toBe(graph.layers.length + 1);
    }
    expect([...types].sort()).toEqual([...LAYER_TYPES].sort());
  });
});
