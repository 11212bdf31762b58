import { ExplainError, GraphError } from '@clearmaps/deconvnet/graph';
import { describe, expect, it } from 'vitest';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';

const graph = smallNet();
const image = imagesFor(graph);
const allowedInput = 'allowed: a Float32Array of [8, 7, 3] or of a batch [B, 8, 7, 3].';
const spoilt = (value: number): Float32Array => image.map((x, i) => (i === 5 ? value : x));

const inputs: [string, unknown, string][] = [
  ['too few values', image.subarray(1), `got 167 values; ${allowedInput}`],
  ['no values', new Float32Array(0), `got 0 values; ${allowedInput}`],
  ['bytes', new Uint8Array(168), `got [object Uint8Array]; ${allowedInput}`],
  ['a list', [1, 2, 3], `got [object Array]; ${allowedInput}`],
  ['nothing', undefined, `got [object Undefined]; ${allowedInput}`],
  ['NaN', spoilt(Number.NaN), 'got NaN at position 5; allowed: finite numbers.'],
  ['Infinity', spoilt(Infinity), 'got Infinity at position 5; allowed: finite numbers.'],
  ['-Infinity', spoilt(-Infinity), 'got -Infinity at position 5; allowed: finite numbers.'],
];

const classes = 'allowed: whole numbers from 0 to 3, each once.';
const options: [string, Record<string, unknown>, string][] = [
  ['a class that is not there', { classes: [0, 4] }, `classes: got [0,4]; ${classes}`],
  ['a class asked twice', { classes: [2, 1, 2] }, `classes: got [2,1,2]; ${classes}`],
  ['no class', { classes: [] }, `classes: got none; ${classes}`],
  ['an option that there is not', { rul: 'guided' }, 'an option "rul"; allowed: rule, seed, classes, '],
  ['an unknown rule', { rule: 'lrp' }, 'rule: got "lrp"; allowed: linear, deconvnet, gradient, guided, '],
  ['an unknown seed', { seed: 'ones' }, 'seed: got "ones"; allowed: activation, positive, unit.'],
  ['an unknown reduction', { reduction: 'mean' }, 'reduction: got "mean"; allowed: sum, max, l2.'],
];

it.each(inputs)('refuses an input of %s', async (_, input, message) => {
  const explainer = await createNativeExplainer(graph);
  for (const call of ['explain', 'predict', 'featureMap'] as const) {
    const error = await explainer[call](input as Float32Array).catch((caught) => caught);
    expect(error).toBeInstanceOf(ExplainError);
    expect(error.message).toBe(`input of "small": ${message}`);
  }
  await explainer.dispose();
});

it.each(options)('refuses %s, to explain and to compile', async (_, wrong, message) => {
  const explainer = await createNativeExplainer(graph);
  const error = await explainer.explain(image, wrong).catch((caught) => caught);
  expect(error).toBeInstanceOf(ExplainError);
  expect(error.message).toContain(message);
  expect(() => compileOnnx(graph, wrong)).toThrow(message);
  await explainer.dispose();
});

it('refuses a memory budget of nothing', async () => {
  const explainer = await createNativeExplainer(graph);
  await expect(explainer.explain(image, { memoryBudget: 0 })).rejects.toThrow(
    'memoryBudget: got 0; allowed: bytes, more than 0.',
  );
  await explainer.dispose();
});

it.each([0, -1, 1.5, Number.NaN])('refuses %s threads', async (threads) => {
  await expect(createNativeExplainer(graph, { threads })).rejects.toThrow(
    `threads: got ${threads}; allowed: whole numbers from 1.`,
  );
});

it('refuses a type that a forward pass has not, to explain and to compile', async () => {
  const wrong = { forward: 'float16' as 'float32' };
  const message = 'forward: got float16; allowed: float32, float64.';
  await expect(createNativeExplainer(graph, wrong)).rejects.toThrow(message.replace('64.', '64, auto.'));
  expect(() => compileOnnx(graph, wrong)).toThrow(message);
});

describe('a graph that is wrong', () => {
  const broken = { ...graph, layers: [] };
  it('is refused before anything runs', async () => {
    await expect(createNativeExplainer(broken)).rejects.toThrow(GraphError);
    expect(() => compileOnnx(broken)).toThrow('layers: got none');
  });
});
