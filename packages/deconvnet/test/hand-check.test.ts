import { describe, expect, it } from 'vitest';
import { createExplainer } from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { oneConvNet } from './one-conv-net.ts';

onEachBackend(() => {
  describe('the net of the hand check', () => {
    const image = Float32Array.from({ length: 16 }, (_, i) => i);
    const answers = {
      deconvnet: [2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1],
      guided: [0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1],
    };

    it.each(Object.entries(answers))('has the answer of pencil and paper under %s', async (rule, map) => {
      const explainer = createExplainer(oneConvNet());
      const { logits, responses, dominantClass, dominantResponse } = await explainer.explain(image, {
        rule: rule as 'guided',
        seed: 'unit',
        responses: true,
      });
      expect(Array.from(logits)).toEqual([54, 54, 54, 54]);
      expect(Array.from(responses!)).toEqual([...map, ...map, ...map, ...map]);
      expect(Array.from(dominantClass)).toEqual(new Array(16).fill(0));
      expect(Array.from(dominantResponse)).toEqual(map);
      explainer.dispose();
    });
  });
});
