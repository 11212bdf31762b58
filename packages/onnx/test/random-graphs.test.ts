import { RULES, type Rule, SEEDS, type Seed } from '@clearmaps/deconvnet/graph';
import { describe, it } from 'vitest';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { type RandomCase, randomCase } from '../../deconvnet/test/random-case.ts';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { runModel } from './run-model.ts';

// The graphs that deconvnet's own test finds to cover every layer, window and head.
const cases = Array.from({ length: 80 }, (_, seed) => randomCase(seed));
const rules = Object.keys(RULES) as Rule[];

const joined = (parts: readonly ArrayLike<number>[]): Float32Array =>
  Float32Array.from(parts.flatMap((part) => Array.from(part)));

function answer({ oracle, traces }: RandomCase, rule: Rule, seed: Seed): number[] {
  const classes = Array.from({ length: oracle.featureMapSize[2] }, (_, c) => c);
  return traces.flatMap((trace) => classes.flatMap((c) => [...oracle.respond(trace, rule, seed, c)]));
}

/** Seeds differ in what a sweep starts from, rules in all of it: each graph sees every rule, with seeds in turn. */
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

  it.each(rules)(
    'gives the responses of the oracle under the rule %s, at once and in turns',
    async (rule) => {
      const explainer = await start();
      const seed = seedFor(number, rule);
      const expected = answer(one, rule, seed);
      for (const memoryBudget of [undefined, 1]) {
        const { responses } = await explainer.explain(batch, { rule, seed, responses: true, memoryBudget });
        expectClose(responses!, expected, `${rule}/${seed}, budget ${memoryBudget}`);
      }
      await explainer.dispose();
    },
  );

  it('gives the responses of the oracle from an exported file', async () => {
    const rule = rules[number % rules.length]!;
    const seed = seedFor(number + 1, rule);
    const { bytes } = compileOnnx(graph, { rule, seed, responses: true });
    const { responses } = await runModel(bytes, batch, graph.inputShape);
    expectClose(responses!.data as Float32Array, answer(one, rule, seed), `${rule}/${seed}`);
  });
});
