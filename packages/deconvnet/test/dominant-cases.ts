import { expect, it } from 'vitest';
import type { ExplainOptions, Explanation, LayerGraph } from '../src/graph.ts';
import { scaleNet } from './small-nets.ts';

/** Too little for one class: every class becomes a sweep of its own. */
const TINY = 1;

/**
 * CLEAR eqs. 4 and 5 where they are easy to get wrong, for every engine.
 *
 * @param explain explains an image once on a net of its own
 */
export function dominantCases(
  explain: (net: LayerGraph, image: Float32Array, options: ExplainOptions) => Promise<Explanation>,
): void {
  const dominant = async (weights: readonly number[], options: ExplainOptions = {}) => {
    const result = await explain(scaleNet(weights), Float32Array.from([1]), { seed: 'unit', ...options });
    return [result.dominantClass[0]!, result.dominantResponse[0]!];
  };

  it.each([undefined, TINY])('is the first of those that tie (budget %s)', async (memoryBudget) => {
    expect(await dominant([1, 3, 3, 2, 3], { memoryBudget })).toEqual([1, 3]);
    expect(await dominant([1, 3, 2, 3, 3], { memoryBudget })).toEqual([1, 3]);
    expect(await dominant([0, 0, 0], { memoryBudget })).toEqual([0, 0]);
  });

  it.each([undefined, TINY])(
    'is the first asked of those that tie, not the lowest index (budget %s)',
    async (memoryBudget) => {
      expect(await dominant([1, 3, 3], { classes: [2, 0, 1], memoryBudget })).toEqual([2, 3]);
    },
  );

  it('is the largest with its sign where all responses are negative', async () => {
    expect(await dominant([-3, -1, -2])).toEqual([1, -1]);
    expect(await dominant([-3, -1, -2], { memoryBudget: TINY })).toEqual([1, -1]);
  });

  it('takes 0 and -0 for equal', async () => {
    expect((await dominant([-0, 0]))[0]).toBe(0);
    expect((await dominant([0, -0]))[0]).toBe(0);
  });

  it('stays a class of the net where responses overflow', async () => {
    expect((await dominant([-3e38, 3e38], { seed: 'activation' }))[0]).toBeLessThan(2);
  });
}
