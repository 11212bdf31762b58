import { describe, expect, it } from 'vitest';
import {
  type AsyncExplainOptions,
  type Explanation,
  type LayerGraph,
  OTHERS,
  RULES,
  type Rule,
  type SweptClasses,
} from '../src/graph.ts';
import { expectClose } from './compare.ts';
import { Oracle } from './oracle.ts';
import { imagesFor, smallNetOfPixels } from './small-nets.ts';

/** Too little for one class: every class becomes a sweep of its own. */
const TINY = 1;
const rules = Object.keys(RULES) as Rule[];

/**
 * Groups of classes, the others as one, and explanations that keep no maps, for every engine.
 *
 * @param explain explains an image once on a net of its own
 */
export function manyClassesCases(
  explain: (net: LayerGraph, image: Float32Array, options: AsyncExplainOptions) => Promise<Explanation>,
): void {
  const net = smallNetOfPixels({ classes: 6 });
  const [height, width] = net.inputShape;
  const pixels = height * width;
  const images = imagesFor(net, 2);
  const image = images.slice(0, images.length / 2);
  const rowOf = ({ maps, classes }: Explanation, index: number, row: number): Float32Array =>
    maps.slice((index * classes.length + row) * pixels, (index * classes.length + row + 1) * pixels);

  describe('groups of classes', () => {
    const groups = [[4, 1, 0], [3], [5, 1]];

    it.each([undefined, TINY])(
      'respond as the sum of their members where the rule is linear (budget %s)',
      async (memoryBudget) => {
        const linear = { rule: 'linear', seed: 'activation', memoryBudget } as const;
        const members = await explain(net, images, linear);
        const grouped = await explain(net, images, { ...linear, groups });
        expect(grouped.classes).toEqual([0, 1, 2]);
        for (const index of [0, 1]) {
          for (const [row, group] of groups.entries()) {
            const sum = new Float32Array(pixels).map((_, pixel) =>
              group.reduce((total, c) => total + rowOf(members, index, c)[pixel]!, 0),
            );
            expectClose(rowOf(grouped, index, row), sum, `group ${row} of image ${index}`);
          }
        }
      },
    );

    it.each(rules)('respond as the oracle does to the sum of the seeds under %s', async (rule) => {
      const oracle = new Oracle(net, 'scores');
      const trace = oracle.forward(image);
      for (const seed of ['activation', 'positive', 'unit'] as const) {
        const { responses } = await explain(net, image, { rule, seed, groups, responses: true });
        for (const [row, group] of groups.entries()) {
          const seeds = group.map((c) => oracle.seed(trace, seed, c));
          const sum = seeds[0]!.map((_, i) => seeds.reduce((total, values) => total + values[i]!, 0));
          const size = responses!.length / groups.length;
          expectClose(
            responses!.slice(row * size, (row + 1) * size),
            oracle.respond(trace, rule, sum),
            `${rule}, ${seed}, group ${row}`,
          );
        }
      }
    });

    it('lead by their numbers', async () => {
      const grouped = await explain(net, image, { groups });
      grouped.dominantClass.forEach((group, pixel) => {
        const values = groups.map((_, row) => rowOf(grouped, 0, row)[pixel]!);
        expect(values[group]).toBe(Math.max(...values));
        expect(grouped.dominantResponse[pixel]).toBe(values[group]);
      });
    });

    it('are refused beside classes, empty, with a class twice or out of range', async () => {
      const refusal = (options: AsyncExplainOptions) => expect(explain(net, image, options)).rejects;
      await refusal({ groups, classes: [1] }).toThrow(
        'classes and groups: got both; allowed: one of the two.',
      );
      await refusal({ groups: [] }).toThrow('groups: got none; allowed: one or more.');
      await refusal({ groups: [[1], []] }).toThrow(
        'group 1: got none; allowed: whole numbers from 0 to 5, each once.',
      );
      await refusal({ groups: [[1, 1]] }).toThrow('group 0: got [1,1]');
      await refusal({ groups: [[6]] }).toThrow('group 0: got [6]');
    });
  });

  describe('the other classes', () => {
    it.each([undefined, TINY])('compete as one, by their maximum (budget %s)', async (memoryBudget) => {
      const options = { rule: 'gradient', seed: 'activation', memoryBudget } as const;
      const all = await explain(net, images, options);
      const some = await explain(net, images, { ...options, classes: [4, 2], others: true });
      const most = new Float32Array(2 * pixels).map((_, at) =>
        Math.max(...[0, 1, 3, 5].map((c) => rowOf(all, Math.floor(at / pixels), c)[at % pixels]!)),
      );
      expectClose(some.others!, most, 'others', 1e-6);
      expectClose(some.dominantResponse, all.dominantResponse, 'dominant response', 1e-6);
      const expected = all.dominantClass.map((c) => ([4, 2].includes(c) ? c : OTHERS));
      expect(some.dominantClass).toEqual(expected);
      expect(new Set(expected).size).toBe(3);
    });

    it('are those of no group', async () => {
      const options = { rule: 'linear', seed: 'activation' } as const;
      const all = await explain(net, image, options);
      const { others } = await explain(net, image, {
        ...options,
        groups: [
          [0, 1],
          [1, 3],
        ],
        others: true,
      });
      const most = new Float32Array(pixels).map((_, pixel) =>
        Math.max(...[2, 4, 5].map((c) => rowOf(all, 0, c)[pixel]!)),
      );
      expectClose(others!, most, 'others', 1e-6);
    });

    it('are not there where all classes are asked for, or nobody asks', async () => {
      expect((await explain(net, image, { others: true })).others).toBeUndefined();
      expect((await explain(net, image, { classes: [1] })).others).toBeUndefined();
    });

    it('count in the progress', async () => {
      const calls: number[][] = [];
      const onProgress = (...call: number[]): void => void calls.push(call);
      await explain(net, image, { seed: 'unit', classes: [4], others: true, memoryBudget: TINY, onProgress });
      expect(calls).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
    });
  });

  describe('told class by class', () => {
    const told = async (images: Float32Array, options: AsyncExplainOptions) => {
      const parts: SweptClasses[] = [];
      const answer = await explain(net, images, { ...options, onClasses: (part) => void parts.push(part) });
      return { parts, answer };
    };
    const stacked = (
      parts: readonly SweptClasses[],
      what: 'maps' | 'responses',
      size: number,
      row: number,
      image: number,
    ) => {
      const part = parts.find(({ classes }) => classes.includes(row))!;
      const from = (image * part.classes.length + part.classes.indexOf(row)) * size;
      return part[what]!.subarray(from, from + size);
    };

    it.each([undefined, TINY])(
      'the maps and responses are those of the answer (budget %s)',
      async (memoryBudget) => {
        const options = { classes: [4, 0, 5, 2], memoryBudget } as const;
        const whole = await explain(net, images, { ...options, responses: true });
        const { parts, answer } = await told(images, { ...options, responses: true, maps: false });
        expect(parts.flatMap(({ classes }) => classes).sort()).toEqual([0, 2, 4, 5]);
        const size = pixels * net.inputShape[2];
        for (const image of [0, 1]) {
          for (const [row, c] of whole.classes.entries()) {
            const at = image * whole.classes.length + row;
            expect(stacked(parts, 'maps', pixels, c, image)).toEqual(rowOf(whole, image, row));
            expect(stacked(parts, 'responses', size, c, image)).toEqual(
              whole.responses!.subarray(at * size, (at + 1) * size),
            );
          }
        }
        const { maps, responses, ...rest } = whole;
        expect(answer).toEqual({ ...rest, maps: new Float32Array() });
      },
    );

    it('classes without evidence come too, as zeros', async () => {
      const layers = net.layers.map((layer) => {
        const isScores = layer.name === 'scores' && layer.type === 'conv2d';
        return isScores
          ? { ...layer, bias: { shape: [6], values: Float32Array.of(9, -99, -99, 9, -99, 9) } }
          : layer;
      });
      const parts: SweptClasses[] = [];
      const onClasses = (part: SweptClasses): void => void parts.push(part);
      const options = { memoryBudget: TINY, responses: true, onClasses };
      const { maps } = await explain({ ...net, layers }, image, options);
      expect(parts.map(({ classes }) => classes)).toEqual([[1], [2], [4], [0], [3], [5]]);
      const byClass = Array.from({ length: 6 }, (_, c) => [...stacked(parts, 'maps', pixels, c, 0)]);
      expect(byClass.flat()).toEqual([...maps]);
      for (const { responses } of parts.slice(0, 3)) {
        expect(responses).toEqual(new Float32Array(pixels * net.inputShape[2]));
      }
    });

    it('groups come by their numbers, others not', async () => {
      const groups = [[4, 1], [3]];
      const { parts, answer } = await told(image, { groups, others: true, memoryBudget: TINY });
      expect(parts.flatMap(({ classes }) => classes).sort()).toEqual([0, 1]);
      expect(parts.every(({ responses }) => responses === undefined)).toBe(true);
      expect(stacked(parts, 'maps', pixels, 1, 0)).toEqual(rowOf(answer, 0, 1));
    });

    it('the next sweep waits, and the arrays are the caller’s', async () => {
      const order: string[] = [];
      const options: AsyncExplainOptions = { seed: 'unit', memoryBudget: TINY, classes: [3, 1] };
      const expected = await explain(net, image, options);
      const answer = await explain(net, image, {
        ...options,
        onProgress: (done) => void order.push(`${done} done`),
        onClasses: async ({ classes, maps }) => {
          order.push(`told ${classes}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          maps.fill(Number.NaN);
          order.push(`kept ${classes}`);
        },
      });
      expect(order).toEqual(['told 3', 'kept 3', '1 done', 'told 1', 'kept 1', '2 done']);
      expect(answer).toEqual(expected);
    });

    it('what the caller throws ends it', async () => {
      const call = explain(net, image, {
        memoryBudget: TINY,
        onClasses: () => Promise.reject(new Error('disk full')),
      });
      await expect(call).rejects.toThrow('disk full');
    });
  });

  it.each([undefined, TINY])('without maps all else stays as it is (budget %s)', async (memoryBudget) => {
    const options = { rule: 'guided', seed: 'activation', memoryBudget } as const;
    const { maps, ...rest } = await explain(net, images, options);
    expect(await explain(net, images, { ...options, maps: false })).toEqual({
      ...rest,
      maps: new Float32Array(),
    });
    const evidence = Array.from({ length: 12 }, (_, row) =>
      maps.slice(row * pixels, (row + 1) * pixels).reduce((sum, value) => sum + Math.max(value, 0), 0),
    );
    expectClose(rest.evidence, evidence, 'evidence', 1e-6);
  });
}
