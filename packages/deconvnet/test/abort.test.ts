import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { createExplainer, type Explainer } from '../src/index.ts';
import { BACKENDS, onEachBackend } from './backends.ts';
import { graph, image, inTurns, interruptionCases } from './interruption-cases.ts';

onEachBackend((backend) => {
  /** With all that the way back needs already there, so that only leaks change the count. */
  const warm = async (run: (explainer: Explainer, tensors: number) => Promise<void>): Promise<void> => {
    const explainer = createExplainer(graph);
    explainer.explainTensors(image, inTurns).dispose();
    await run(explainer, tf.memory().numTensors);
    explainer.dispose();
  };

  interruptionCases<Explainer>((run) =>
    warm((explainer, tensors) => run(explainer, () => expect(tf.memory().numTensors).toBe(tensors))),
  );

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
});
