import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createExplainer, ExplainError, type NetworkInput } from '../src/index.ts';
import { BACKENDS, onEachBackend } from './backends.ts';
import { imagesFor, smallNet } from './small-nets.ts';

const graph = smallNet();
const image = imagesFor(graph);
const allowedInput = 'allowed: a Float32Array or a tensor of [8, 7, 3] or of a batch [B, 8, 7, 3].';

const spoilt = (value: number): Float32Array => image.map((x, i) => (i === 5 ? value : x));

const inputs: [string, () => NetworkInput, string][] = [
  ['too few values', () => image.subarray(1), `got 167 values; ${allowedInput}`],
  ['no values', () => new Float32Array(0), `got 0 values; ${allowedInput}`],
  ['bytes', () => new Uint8Array(168) as unknown as Float32Array, `got [object Uint8Array]; ${allowedInput}`],
  ['a list', () => [1, 2, 3] as unknown as Float32Array, `got [object Array]; ${allowedInput}`],
  ['nothing', () => undefined as unknown as Float32Array, `got [object Undefined]; ${allowedInput}`],
  ['another size', () => tf.zeros([7, 8, 3]), `got a tensor [7,8,3]; ${allowedInput}`],
  ['rank 2', () => tf.zeros([8, 21]), `got a tensor [8,21]; ${allowedInput}`],
  ['rank 5', () => tf.zeros([1, 1, 8, 7, 3]), `got a tensor [1,1,8,7,3]; ${allowedInput}`],
  ['an empty batch', () => tf.zeros([0, 8, 7, 3]), `got a tensor [0,8,7,3]; ${allowedInput}`],
  ['words', () => tf.tensor(new Array(168).fill('x'), [8, 7, 3]), `got a tensor of string; ${allowedInput}`],
  ['NaN', () => spoilt(Number.NaN), 'got NaN at position 5; allowed: finite numbers.'],
  ['Infinity', () => spoilt(Infinity), 'got Infinity at position 5; allowed: finite numbers.'],
  ['-Infinity', () => spoilt(-Infinity), 'got -Infinity at position 5; allowed: finite numbers.'],
];

const classes = 'allowed: whole numbers from 0 to 3, each once.';
const options: [string, Record<string, unknown>, string | RegExp][] = [
  ['a class that is not there', { classes: [0, 4] }, `classes: got [0,4]; ${classes}`],
  ['a negative class', { classes: [-1] }, `classes: got [-1]; ${classes}`],
  ['half a class', { classes: [0.5] }, `classes: got [0.5]; ${classes}`],
  ['text', { classes: ['1' as unknown as number] }, `classes: got ["1"]; ${classes}`],
  ['a class asked twice', { classes: [2, 1, 2] }, `classes: got [2,1,2]; ${classes}`],
  ['no class', { classes: [] }, `classes: got none; ${classes}`],
  [
    'a class in place of a list',
    { classes: 3 as never },
    'classes: got 3; allowed: a list of classes, such as [3].',
  ],
  ['an option that there is not', { rul: 'guided' }, 'an option "rul"; allowed: rule, seed, classes, '],
  ['an unknown rule', { rule: 'lrp' }, 'rule: got "lrp"; allowed: linear, deconvnet, gradient, guided, '],
  [
    'a rule of no number',
    { rule: 'lrp-gamma:' },
    /rule: got "lrp-gamma:"; allowed: .*lrp-gamma:<number from 0>/,
  ],
  ['a number for a rule that takes none', { rule: 'guided:2' }, 'rule: got "guided:2"; allowed: linear,'],
  ['a number below 0', { rule: 'lrp-epsilon:-1' }, 'rule: got "lrp-epsilon:-1"; allowed: linear,'],
  [
    'an epsilon below 0',
    { rule: [{ rule: { type: 'epsilon', epsilon: -1 } }] },
    'epsilon: got -1; allowed: a number from 0.',
  ],
  [
    'a box without an end',
    { rule: [{ rule: { type: 'zBox', low: 0, high: [1, Number.NaN] } }] },
    'layer rule zBox: high: got [1,null]; allowed: a number, or one a channel.',
  ],
  ['a composite of no objects', { rule: [null] }, 'rule: got [null]; allowed: linear,'],
  [
    'a composite with an unknown rule',
    { rule: [{ rule: { type: 'magic' } }] },
    /got "magic"; allowed: epsilon,/,
  ],
  [
    'a composite with an unknown layer',
    { rule: [{ name: 'conv_9', rule: { type: 'zPlus' } }] },
    'composite: layer "conv_9": got no such layer; allowed: conv_1,',
  ],
  [
    'a composite that leaves out a layer',
    { rule: [{ name: 'conv_1', rule: { type: 'zPlus' } }] },
    'composite: layer "conv_2" (conv2d): got no rule that fits it.',
  ],
  [
    'alpha and beta that create relevance',
    { rule: [{ rule: { type: 'alphaBeta', alpha: 2, beta: 2 } }] },
    'got alpha 2, beta 2; allowed: beta from 0, and alpha = 1 + beta.',
  ],
  ['a layer that is not on the way back', { at: 'gap' }, 'at: got "gap"; allowed: input, conv_1,'],
  ['a rule of every object', { rule: 'toString' }, 'rule: got "toString"; allowed: linear,'],
  ['an unknown seed', { seed: 'ones' }, 'seed: got "ones"; allowed: activation, positive, unit.'],
  ['an unknown reduction', { reduction: 'mean' }, 'reduction: got "mean"; allowed: sum, max, l2.'],
  ['no memory', { memoryBudget: 0 }, 'memoryBudget: got 0; allowed: bytes, more than 0.'],
  ['memory of NaN', { memoryBudget: Number.NaN }, 'memoryBudget: got NaN; allowed: bytes, more than 0.'],
];

onEachBackend((backend) => {
  it.each(inputs)('refuses an input of %s', async (_, make, message) => {
    const explainer = createExplainer(graph);
    const input = make();
    const before = tf.memory().numTensors;
    for (const call of [
      () => explainer.explain(input),
      () => explainer.predict(input),
      async () => explainer.explainTensors(input),
      async () => explainer.predictTensors(input),
      async () => explainer.featureMapTensor(input),
      () => explainer.featureMap(input),
    ]) {
      const error = await call().catch((caught) => caught);
      expect(error).toBeInstanceOf(ExplainError);
      expect(error.message).toBe(`input of "small": ${message}`);
    }
    expect(tf.memory().numTensors).toBe(before);
    if (input instanceof tf.Tensor) input.dispose();
    explainer.dispose();
  });

  it.each(options)('refuses %s', async (_, wrong, message) => {
    const explainer = createExplainer(graph);
    const before = tf.memory().numTensors;
    expect(() => explainer.explainTensors(image, wrong)).toThrow(ExplainError);
    await expect(explainer.explain(image, wrong)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    explainer.dispose();
  });

  describe('an explainer', () => {
    it('refuses every call after dispose(), and a second dispose() does nothing', async () => {
      const explainer = createExplainer(graph);
      explainer.dispose();
      explainer.dispose();
      const message = 'explainer of "small": got a call after dispose().';
      await expect(explainer.explain(image)).rejects.toThrow(message);
      await expect(explainer.predict(image)).rejects.toThrow(message);
      expect(() => explainer.explainTensors(image)).toThrow(message);
      expect(() => explainer.predictTensors(image)).toThrow(message);
      expect(() => explainer.featureMapTensor(image)).toThrow(message);
    });

    it('runs where its weights are whatever backend the page chose since, and leaves that choice alone', async () => {
      const explainer = createExplainer(graph);
      const inTurns = { responses: true, memoryBudget: 1 };
      const expected = await explainer.explain(image, inTurns);
      const { logits } = await explainer.predict(image);
      const other = BACKENDS.find((name) => name !== backend)!;
      await tf.setBackend(other);
      const ofThePage = tf.ones([2]);
      // Progress makes it pause between sweeps: the page may compute in between.
      const steps: string[] = [];
      const pausing = { ...inTurns, onProgress: () => steps.push(tf.getBackend()) };
      expect(await explainer.explain(image, pausing)).toEqual(expected);
      expect(new Set(steps)).toEqual(new Set([other]));
      expect((await explainer.predict(image)).logits).toEqual(logits);
      expect(tf.getBackend()).toBe(other);
      const sum = tf.add(ofThePage, 1);
      expect([...sum.dataSync()]).toEqual([2, 2]);
      tf.dispose([ofThePage, sum]);
      explainer.dispose();
      await tf.setBackend(backend);
    });

    it('says so when its backend has been removed', async () => {
      const explainer = createExplainer(graph);
      // Not removeBackend, which would dispose the backend that other tests share.
      const { registry } = tf.engine();
      const held = registry[backend]!;
      delete registry[backend];
      const failure = explainer.explain(image);
      registry[backend] = held;
      await expect(failure).rejects.toThrow(`explainer of "small": got no backend "${backend}" any more`);
      explainer.dispose();
    });
  });
});
