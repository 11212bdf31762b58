import type { Layer, LayerGraph } from '@clearmaps/deconvnet/graph';
import { mnistNet } from '@clearmaps/models';
import { expect, test } from 'vitest';
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
  const names = walkStops(graph).map(({ name }) => name);
  const places = graph.layers.filter(({ type }) => type !== 'globalAveragePool2d' && type !== 'softmax');
  expect(names).toEqual([...places.map(({ name }) => name).reverse(), 'input']);
});

test('a net that branches is walked so that each stop comes after all whose responses arrive there', () => {
  const stops = walkStops(branching);
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
  const stops = walkStops(branching);
  const said = (name: string, rule: 'linear' | 'guided' | 'gradient' | 'deconvnet' = 'guided') =>
    sentencesOf(stops.find((stop) => stop.name === name)!, rule, 'positive').join(' ');
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
