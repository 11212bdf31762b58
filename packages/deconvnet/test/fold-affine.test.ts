import { describe, expect, it } from 'vitest';
import { foldAffine } from '../src/graph.ts';
import { INPUT, type Layer, type LayerGraph, validateGraph } from '../src/index.ts';
import './backends.ts';
import { expectClose } from './compare.ts';
import { Oracle } from './oracle.ts';
import { Random } from './random.ts';

const random = new Random(8);
const weight = (...shape: number[]) => ({ shape, values: random.floats(shape.reduce((a, b) => a * b)) });
const affine = (name: string, input: string, channels: number, shifts = true): Layer => ({
  type: 'affine',
  name,
  inputs: [input],
  scale: weight(channels),
  ...(shifts && { shift: weight(channels) }),
});
const conv = (name: string, input: string, kernel: number[], groups = 1, bias = true): Layer => ({
  type: 'conv2d',
  name,
  inputs: [input],
  kernel: weight(...kernel),
  ...(bias && { bias: weight(kernel[3]!) }),
  strides: [1, 1],
  padding: 'same',
  groups,
});

const net = (...layers: Layer[]): LayerGraph => ({ name: 'net', inputShape: [4, 5, 2], layers });

function expectSameScores(folded: LayerGraph, graph: LayerGraph): void {
  expect([...validateGraph(folded).values()].at(-1)).toEqual([...validateGraph(graph).values()].at(-1));
  const last = graph.layers.at(-1)!.name;
  const image = random.floats(graph.inputShape.reduce((a, b) => a * b));
  const scores = ({ layers, ...rest }: LayerGraph) =>
    new Oracle({ ...rest, layers }, last).forward(image).values.get(last)!;
  expectClose(scores(folded), scores(graph), 'scores', 1e-6);
}

describe('an affine layer', () => {
  it('goes into the convolution before it, with groups and without a bias too, and into a dense layer', () => {
    const graph = net(
      conv('wide', INPUT, [3, 2, 2, 4]),
      affine('norm_1', 'wide', 4),
      { type: 'relu', name: 'relu', inputs: ['norm_1'] },
      conv('depthwise', 'relu', [3, 3, 1, 8], 4, false),
      affine('norm_2', 'depthwise', 8, false),
      affine('norm_3', 'norm_2', 8),
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['norm_3'] },
      { type: 'dense', name: 'scores', inputs: ['gap'], kernel: weight(8, 3), bias: weight(3) },
      affine('norm_4', 'scores', 3),
      { type: 'relu', name: 'end', inputs: ['norm_4'] },
    );
    const folded = foldAffine(graph);
    expect(folded.layers.map(({ name }) => name)).toEqual([
      'wide',
      'relu',
      'depthwise',
      'gap',
      'scores',
      'end',
    ]);
    expectSameScores(folded, graph);
  });

  it('stays where somebody else takes what comes before it, or that has no weights', () => {
    const graph = net(
      affine('first', INPUT, 2),
      conv('shared', 'first', [1, 1, 2, 4]),
      affine('norm', 'shared', 4),
      { type: 'add', name: 'sum', inputs: ['norm', 'shared'] },
      affine('last', 'sum', 4),
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['last'] },
    );
    expect(foldAffine(graph)).toEqual(graph);
  });

  it('leaves the graph that came untouched', () => {
    const graph = net(conv('one', INPUT, [1, 1, 2, 2]), affine('norm', 'one', 2), {
      type: 'globalAveragePool2d',
      name: 'gap',
      inputs: ['norm'],
    });
    const before = structuredClone(graph);
    foldAffine(graph);
    expect(graph).toEqual(before);
  });
});
