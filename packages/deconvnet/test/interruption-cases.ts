import { expect, it } from 'vitest';
import type { AsyncExplainOptions, Explanation } from '../src/graph.ts';
import { imagesFor, smallNet } from './small-nets.ts';

interface Explains {
  explain(image: Float32Array, options?: AsyncExplainOptions): Promise<Explanation>;
}

/** The net that the cases run on. */
export const graph = smallNet({ classes: 5 });
export const image = imagesFor(graph);
/** Every class in a sweep of its own. */
export const inTurns = { memoryBudget: 1, rule: 'guided', responses: true } as const;

/**
 * What every engine does while it explains in turns.
 *
 * @param using runs a case on an explainer of {@link graph}, and disposes it; `nothingLeft` fails where a call that
 *   has ended holds memory
 */
export function interruptionCases<E extends Explains>(
  using: (run: (explainer: E, nothingLeft: () => void) => Promise<void>) => Promise<void>,
): void {
  it('tells after each sweep how many classes are done', () =>
    using(async (explainer) => {
      const calls: [number, number][] = [];
      const onProgress = (done: number, total: number): void => void calls.push([done, total]);
      await explainer.explain(image, { ...inTurns, onProgress });
      await explainer.explain(image, { ...inTurns, classes: [4, 2], onProgress });
      await explainer.explain(image, { onProgress });
      expect(calls).toEqual([
        [1, 5],
        [2, 5],
        [3, 5],
        [4, 5],
        [5, 5],
        [1, 2],
        [2, 2],
        [5, 5],
      ]);
    }));

  it('rejects with the reason of a signal that is already aborted, before it computes anything', () =>
    using(async (explainer, nothingLeft) => {
      const reason = new Error('left the page');
      let swept = 0;
      const call = explainer.explain(image, {
        ...inTurns,
        signal: AbortSignal.abort(reason),
        onProgress: () => {
          swept++;
        },
      });
      await expect(call).rejects.toBe(reason);
      expect(swept).toBe(0);
      nothingLeft();
    }));

  it('stops between sweeps, leaves nothing behind, and works on', () =>
    using(async (explainer, nothingLeft) => {
      const expected = await explainer.explain(image, inTurns);
      for (const stopAfter of [1, 3, 5]) {
        const controller = new AbortController();
        let swept = 0;
        const call = explainer.explain(image, {
          ...inTurns,
          signal: controller.signal,
          onProgress: (done) => {
            swept = done;
            if (done === stopAfter) controller.abort(`after ${done}`);
          },
        });
        await expect(call).rejects.toBe(`after ${stopAfter}`);
        expect(swept).toBe(stopAfter);
        nothingLeft();
      }
      expect(await explainer.explain(image, inTurns)).toEqual(expected);
    }));

  it('hears an abort that comes from a timer', () =>
    using(async (explainer, nothingLeft) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 0);
      const call = explainer.explain(image, { ...inTurns, signal: controller.signal });
      await expect(call).rejects.toMatchObject({ name: 'AbortError' });
      nothingLeft();
    }));

  it('finishes where the signal stays quiet', () =>
    using(async (explainer) => {
      const { signal } = new AbortController();
      expect(await explainer.explain(image, { ...inTurns, signal })).toEqual(
        await explainer.explain(image, inTurns),
      );
    }));

  it('hands on an error of the progress callback and leaves nothing behind', () =>
    using(async (explainer, nothingLeft) => {
      const call = explainer.explain(image, {
        ...inTurns,
        onProgress: () => {
          throw new Error('a bug of the caller');
        },
      });
      await expect(call).rejects.toThrow('a bug of the caller');
      nothingLeft();
    }));

  it.each([
    ['unwatched', undefined],
    ['watched', () => {}],
  ])('runs two explanations at a time without mixing them up, %s', (_, onProgress) =>
    using(async (explainer) => {
      const second = imagesFor(graph, 1, 99);
      const watched = { ...inTurns, onProgress };
      const [a, b] = await Promise.all([
        explainer.explain(image, watched),
        explainer.explain(second, watched),
      ]);
      expect(a).toEqual(await explainer.explain(image, inTurns));
      expect(b).toEqual(await explainer.explain(second, inTurns));
    }),
  );
}
