import { GraphPlan, type Layer, type LayerGraph, planFor } from '@clearmaps/deconvnet/graph';
import { METHOD_NAMES, METHODS } from '@clearmaps/methods';
import { mnistNet } from '@clearmaps/models';
import { expect, test } from 'vitest';
import type { SweepMethod } from '../src/methods/sweep-rule.ts';
import { sentencesOf } from '../src/walk/layer-sentences.ts';
import { walkStops } from '../src/walk/walk-stops.ts';

const conv = (name: string, input: string, channelsIn: number, channelsOut: number): Layer => ({
  type: 'conv2d',
  name,
  inputs: [input],
  kernel: { shape: [1, 1, channelsIn, channelsOut], values: new Float32Array(channelsIn * channelsOut) },
  strides: [1, 1],
  padding: 'valid',
});

/** A fire module as SqueezeNet has them, and a sum round it. */
const branching: LayerGraph = {
  name: 'branching',
  inputShape: [6, 5, 1],
  layers: [
    conv('squeeze', 'input', 1, 4),
    conv('left', 'squeeze', 4, 2),
    { type: 'relu', name: 'left_relu', inputs: ['left'] },
    conv('right', 'squeeze', 4, 2),
    { type: 'concat', name: 'both', inputs: ['left_relu', 'right'] },
    { type: 'add', name: 'sum', inputs: ['both', 'squeeze'] },
    conv('scores', 'sum', 4, 3),
    { type: 'globalAveragePool2d', name: 'gap', inputs: ['scores'] },
  ],
};

test('a chain is walked from its feature map to the pixels', () => {
  const graph = mnistNet({ seed: 2 });
  const names = walkStops(new GraphPlan(graph)).map(({ name }) => name);
  const places = graph.layers.filter(({ type }) => type !== 'globalAveragePool2d' && type !== 'softmax');
  expect(names).toEqual([...places.map(({ name }) => name).reverse(), 'input']);
});

test('a net that branches is walked so that each stop comes after all whose responses arrive there', () => {
  const stops = walkStops(new GraphPlan(branching));
  const at = new Map(stops.map(({ name }, i) => [name, i]));
  expect([...at.keys()].sort()).toEqual(
    ['both', 'input', 'left', 'left_relu', 'right', 'scores', 'squeeze', 'sum'].sort(),
  );
  expect(stops[0]!.name).toBe('scores');
  expect(stops.at(-1)).toMatchObject({ name: 'input', shape: [6, 5, 1], from: ['squeeze'] });
  for (const { name, from, layer } of stops) {
    for (const above of from) expect(at.get(above), `${above} before ${name}`).toBeLessThan(at.get(name)!);
    for (const below of layer?.inputs ?? []) expect(at.get(below)).toBeGreaterThan(at.get(name)!);
  }
  expect(stops[at.get('squeeze')!]!.from.toSorted()).toEqual(['left', 'right', 'sum']);
  expect(stops[at.get('both')!]).toMatchObject({
    shape: [6, 5, 4],
    inputShapes: [
      [6, 5, 2],
      [6, 5, 2],
    ],
  });
});

test('each stop has its sentences: what arrives, and what the rule does', () => {
  const said = (name: string, rule: SweepMethod = 'guided') => sentencesAt(branching, name, rule);
  expect(said('scores')).toMatch(/starts here.*where it is positive/);
  expect(said('squeeze')).toMatch(/back from left, right and sum arrives here, and is added up/);
  expect(said('left_relu', 'linear')).toMatch(/unchanged/);
  expect(said('left_relu', 'deconvnet')).toMatch(/negative responses stop\.$/);
  expect(said('left_relu', 'gradient')).toMatch(
    /only those pass where the ReLU had let its input through\.$/,
  );
  expect(said('left_relu')).toMatch(/negative responses stop, and only those pass where/);
  expect(said('both')).toMatch(/and each of the 2 inputs gets those that were its own/);
  expect(said('sum')).toMatch(/the whole response to each of its 2 inputs/);
  expect(said('input')).toMatch(/R, the response map of the class/);
});

test('with gradient-x-input each stop shows what arrives times what its layer gave', () => {
  expect(sentencesAt(branching, 'left_relu', 'gradient-x-input')).toMatch(
    /Shown is what arrives times what the layer gave\..*only those pass where the ReLU/i,
  );
  expect(sentencesAt(branching, 'input', 'gradient-x-input')).toMatch(/times the pixels\..*that is R/);
});

/** What a rule of relevance propagation does by the place of a layer, as docs/rules.md has it. */
const DIVIDED: Readonly<Record<string, readonly [first: RegExp, convolution: RegExp, dense: RegExp]>> = {
  'lrp-epsilon': [/\(epsilon\)/, /\(epsilon\)/, /\(epsilon\)/],
  'lrp-gamma': [/1\.25 times \(gamma\)/, /1\.25 times \(gamma\)/, /1\.25 times \(gamma\)/],
  'lrp-alpha2beta1': [/alpha 2, beta 1/, /alpha 2, beta 1/, /alpha 2, beta 1/],
  'lrp-zplus': [/\(z\+\)/, /\(z\+\)/, /\(z\+\)/],
  'deep-taylor': [/\(z-box\)/, /\(z\+\)/, /\(z\+\)/],
  'lrp-epsilon-plus-flat': [/\(flat\)/, /\(z\+\)/, /\(epsilon\)/],
  'lrp-epsilon-gamma-box': [/\(z-box\)/, /\(gamma\)/, /\(epsilon\)/],
};

test('every rule of relevance propagation that there is has its sentences tested', () => {
  const named = METHOD_NAMES.filter((name) => METHODS[name].family === 'relevance propagation');
  expect(named.toSorted()).toEqual(Object.keys(DIVIDED).toSorted());
});

test.each(Object.entries(DIVIDED))(
  '%s says what it does at each layer, by its place',
  (name, [first, inner, dense]) => {
    const rule = name as SweepMethod;
    const withHead: LayerGraph = {
      ...branching,
      layers: [
        ...branching.layers,
        {
          type: 'dense',
          name: 'head',
          inputs: ['gap'],
          kernel: { shape: [3, 2], values: new Float32Array(6) },
        },
      ],
    };
    expect(sentencesAt(withHead, 'squeeze', rule)).toMatch(first);
    expect(sentencesAt(withHead, 'right', rule)).toMatch(inner);
    expect(sentencesAt(withHead, 'head', rule)).toMatch(dense);
    expect(sentencesAt(withHead, 'left_relu', rule)).toMatch(/the relevance passes unchanged/);
    expect(sentencesAt(withHead, 'sum', rule)).toMatch(/share the relevance in proportion/);
    expect(sentencesAt(withHead, 'both', rule)).toMatch(/gets those that were its own/);
  },
);

test('relevance has no stop at a normalisation that is counted with the convolution before it', () => {
  const graph: LayerGraph = {
    name: 'normalised',
    inputShape: [4, 4, 1],
    layers: [
      conv('conv', 'input', 1, 3),
      {
        type: 'affine',
        name: 'norm',
        inputs: ['conv'],
        scale: { shape: [3], values: Float32Array.of(1, 2, 3) },
      },
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['norm'] },
    ],
  };
  const names = (rule: SweepMethod) => walkStops(planFor(graph, rule)).map(({ name }) => name);
  expect(names('guided')).toEqual(['norm', 'conv', 'input']);
  expect(names('lrp-zplus')).toEqual(['conv', 'input']);
});

function sentencesAt(graph: LayerGraph, name: string, rule: SweepMethod): string {
  const plan = planFor(graph, rule);
  const stop = walkStops(plan).find((one) => one.name === name)!;
  return sentencesOf(plan, stop, rule, 'positive').join(' ');
}
