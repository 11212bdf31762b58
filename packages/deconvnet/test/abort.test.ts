import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { createExplainer, type Explainer } from '../src/index.ts';
import { BACKENDS, onEachBackend } from './backends.ts';
import { imagesFor, smallNet } from './small-nets.ts';

const graph = smallNet({ classes: 5 });
const image = imagesFor(graph);
/** Every class in a sweep of its own. */
const inTurns = { memoryBudget: 1, rule: 'guided', responses: true } as const;

onEachBackend((backend) => {
  /** With all that the way back needs already there, so that only leaks change the count. */
  const warm = async (run: (explainer: Explainer, tensors: number) => Promise<void>): Promise<void> => {
    const explainer = createExplainer(graph);
    explainer.explainTensors(image, inTurns).dispose();
    await run(explainer, tf.memory().numTensors);
    explainer.dispose();
  };

  it('tells after each sweep how many classes are done', () =>
    warm(async (explainer) => {
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

  it('lets the event loop turn between sweeps where someone watches', () =>
    warm(async (explainer) => {
      const order: string[] = [];
      await explainer.explain(image, {
        memoryBudget: 1,
        classes: [0, 1],
        onProgress: () => {
          order.push('sweep');
          setTimeout(() => order.push('turn'), 0);
        },
      });
      expect(order.slice(0, 3)).toEqual(['sweep', 'turn', 'sweep']);
    }));

  it('rejects with the reason of a signal that is already aborted, before it computes anything', () =>
    warm(async (explainer, tensors) => {
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
      expect(tf.memory().numTensors).toBe(tensors);
    }));

  it('stops between sweeps and leaves nothing behind', () =>
    warm(async (explainer, tensors) => {
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
        expect(tf.memory().numTensors).toBe(tensors);
      }
    }));

  it('hears an abort that comes from a timer', () =>
    warm(async (explainer, tensors) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 0);
      const call = explainer.explain(image, { ...inTurns, signal: controller.signal });
      await expect(call).rejects.toMatchObject({ name: 'AbortError' });
      expect(tf.memory().numTensors).toBe(tensors);
    }));

  it('finishes where the signal stays quiet', () =>
    warm(async (explainer) => {
      const { signal } = new AbortController();
      expect(await explainer.explain(image, { ...inTurns, signal })).toEqual(
        await explainer.explain(image, inTurns),
      );
    }));

  it('hands on an error of the progress callback and leaves nothing behind', () =>
    warm(async (explainer, tensors) => {
      const call = explainer.explain(image, {
        ...inTurns,
        onProgress: () => {
          throw new Error('a bug of the caller');
        },
      });
      await expect(call).rejects.toThrow('a bug of the caller');
      expect(tf.memory().numTensors).toBe(tensors);
    }));

  it('stops where the explainer is disposed of half-way', async () => {
    const explainer = createExplainer(graph);
    const call = explainer.explain(image, { ...inTurns, onProgress: () => explainer.dispose() });
    await expect(call).rejects.toThrow('a call after dispose()');
  });

  it('goes on where its weights are when the page changes the backend half-way', () =>
    warm(async (explainer, tensors) => {
      const expected = await explainer.explain(image, inTurns);
      const other = BACKENDS.find((name) => name !== backend)!;
      // Its first start takes longer than the sweeps; the second is there at once.
      await tf.setBackend(other);
      await tf.setBackend(backend);
      const call = explainer.explain(image, {
        ...inTurns,
        onProgress: () => void tf.setBackend(other),
      });
      expect(await call).toEqual(expected);
      expect(tf.getBackend()).toBe(other);
      await tf.setBackend(backend);
      expect(tf.memory().numTensors).toBe(tensors);
    }));

  it('runs two explanations at a time without mixing them up', () =>
    warm(async (explainer) => {
      const second = imagesFor(graph, 1, 99);
      const watched = { ...inTurns, onProgress: () => {} };
      const [a, b] = await Promise.all([
        explainer.explain(image, watched),
        explainer.explain(second, watched),
      ]);
      expect(a).toEqual(await explainer.explain(image, inTurns));
      expect(b).toEqual(await explainer.explain(second, inTurns));
    }));
});
