import { describe, expect, it } from 'vitest';
import { createExplainer } from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { expectClose } from './compare.ts';
import { differenceNet, oneConvNet } from './one-conv-net.ts';

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

    it('has the answer of pencil and paper under lrp-epsilon', async () => {
      const explainer = createExplainer(oneConvNet());
      const { responses } = await explainer.explain(image, {
        rule: 'lrp-epsilon',
        seed: 'activation',
        responses: true,
      });
      const map = [0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 0, 0, 0];
      expectClose(responses!, [...map, ...map, ...map, ...map], 'relevance');
      explainer.dispose();
    });
  });

  it('ReLU(ReLU(x1 - 1) - ReLU(x2)) at (3, 1) has relevances 3 and -1 under lrp-epsilon', async () => {
    const explainer = createExplainer(differenceNet());
    const { logits, responses } = await explainer.explain(Float32Array.of(3, 1), {
      rule: 'lrp-epsilon',
      seed: 'activation',
      responses: true,
    });
    expect(Array.from(logits)).toEqual([1]);
    expectClose(responses!, [3, -1], 'relevance');
    explainer.dispose();
  });
});
