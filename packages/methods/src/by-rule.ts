import { DEFAULT_SEED, type Rule, SEEDS, type Seed } from '@clearmaps/deconvnet/graph';
import { defineMethod, type Method } from './method.ts';

/** A rule of the sweep as a method: what `explain` of the engine itself answers. */
export function byRule(
  rule: Rule,
  {
    seed: unlessTold = DEFAULT_SEED,
    ...about
  }: Pick<Method, 'family' | 'paper' | 'promises' | 'fails'> & {
    /** Unless told: the promise holds for it. */
    readonly seed?: Seed;
  },
): Method {
  return defineMethod({
    ...about,
    cost: '1 forward, 1 sweep a class',
    options: {
      seed: { kind: 'word', value: unlessTold, choices: SEEDS, help: 'what the sweep starts from' },
    },
    reduction: 'sum',
    prepare:
      ({ engine, options }) =>
      async ({ image, classes, signal, step }) => {
        const seed = options.seed as Seed;
        const { responses } = await engine.explain(image, { rule, seed, classes, responses: true, signal });
        await step(1, 1);
        return { values: responses! };
      },
  });
}
