import { RULES, type Rule, SEEDS, type Seed } from '@clearmaps/deconvnet/graph';
import { describe, it } from 'vitest';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { answerOf, randomCase } from '../../deconvnet/test/random-case.ts';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { runModel } from './run-model.ts';

// The graphs that deconvnet's own test finds to cover every layer, window and head.
const cases = Array.from({ length: 80 }, (_, seed) => randomCase(seed));
const rules = Object.keys(RULES) as Rule[];

const joined = (parts: readonly ArrayLike<number>[]): Float32Array =>
  Float32Array.from(parts.flatMap((part) => Array.from(part)));

/** Each graph sees every back-projection, and a third of the other rules: those differ in few places of the engine. */
const rulesFor = (graph: number): Rule[] => rules.filter((_, i) => i < 4 || (graph + i) % 3 === 0);

/** Seeds differ in what a sweep starts from, rules in all of it: seeds go in turn. */
const seedFor = (graph: number, rule: Rule): Seed => SEEDS[(graph + rules.indexOf(rule)) % SEEDS.length]!;

describe.each(cases.map((one, number) => ({ ...one, number, name: one.graph.name })))('$name', (one) => {
  const { graph, oracle, images, traces, number } = one;
  const batch = joined(images);
  const start = () => createNativeExplainer(graph, { threads: 1 });

  it('gives the scores and the feature map of the oracle', async () => {
    const explainer = await start();
    const { logits } = await explainer.predict(batch);
    expectClose(logits, joined(traces.map((trace) => oracle.logits(trace))), 'logits');
    const maps = traces.map((trace) => oracle.featureMapOf(trace));
    expectClose(await explainer.featureMap(batch), joined(maps), 'feature map');
    await explainer.dispose();
  });

  it.each(rulesFor(number))(
    'gives the responses of the oracle under the rule %s, at once and in turns',
    async (rule) => {
      const explainer = await start();
      const seed = seedFor(number, rule);
      const { values, tolerance } = answerOf(one, rule, seed);
      for (const memoryBudget of [undefined, 1]) {
        const { responses } = await explainer.explain(batch, { rule, seed, responses: true, memoryBudget });
        expectClose(responses!, values, `${rule}/${seed}, budget ${memoryBudget}`, tolerance);
      }
      await explainer.dispose();
    },
  );

  it('gives them with a forward pass in float64: from the engine, at once and in turns, and from a file', async () => {
    const explainer = await createNativeExplainer(graph, { threads: 1, forward: 'float64' });
    const { logits } = await explainer.predict(batch);
    expectClose(logits, joined(traces.map((trace) => oracle.logits(trace))), 'logits', 1e-6);
    const maps = traces.map((trace) => oracle.featureMapOf(trace));
    expectClose(await explainer.featureMap(batch), joined(maps), 'feature map', 1e-6);
    for (const rule of [rules[number % 4]!, rules[4 + (number % (rules.length - 4))]!]) {
      const seed = seedFor(number, rule);
      const { values, tolerance } = answerOf(one, rule, seed);
      for (const memoryBudget of [undefined, 1]) {
        const { responses } = await explainer.explain(batch, { rule, seed, responses: true, memoryBudget });
        expectClose(responses!, values, `${rule}/${seed}, budget ${memoryBudget}`, tolerance);
      }
      const { bytes } = compileOnnx(graph, { rule, seed, responses: true, forward: 'float64' });
      const exported = await runModel(bytes, batch, graph.inputShape);
      expectClose(exported.responses!.data as Float32Array, values, `${rule}/${seed}, a file`, tolerance);
    }
    await explainer.dispose();
  });

  it('gives the responses of the oracle from an exported file', async () => {
    const rule = rules[number % rules.length]!;
    const seed = seedFor(number + 1, rule);
    const { bytes } = compileOnnx(graph, { rule, seed, responses: true });
    const { responses } = await runModel(bytes, batch, graph.inputShape);
    const { values, tolerance } = answerOf(one, rule, seed);
    expectClose(responses!.data as Float32Array, values, `${rule}/${seed}`, tolerance);
  });
});
