import { describe, expect, it } from 'vitest';
import { createExplainer, INPUT, type LayerGraph } from '../src/index.ts';
import { onEachBackend } from './backends.ts';

/** Captum's one-conv net, small enough for pencil and paper; see golden/README.md of the golden cases. */
function oneConvNet(): LayerGraph {
  const row = [1, 1, 1, 1, 1, -1, -1, -1];
  const dense = new Float32Array(8 * 4);
  for (let channel = 0; channel < 2; channel++) {
    for (let place = 0; place < 4; place++) {
      // The row counts channels first; our flatten puts them last.
      for (let c = 0; c < 4; c++) dense[(place * 2 + channel) * 4 + c] = row[channel * 4 + place]!;
    }
  }
  return {
    name: 'one convolution',
    inputShape: [4, 4, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'conv',
        inputs: [INPUT],
        kernel: { shape: [3, 3, 1, 2], values: new Float32Array(18).fill(1) },
        bias: { shape: [2], values: Float32Array.from([-50, -75]) },
        strides: [1, 1],
        padding: 'valid',
      },
      { type: 'relu', name: 'relu', inputs: ['conv'] },
      { type: 'flatten', name: 'flatten', inputs: ['relu'] },
      { type: 'dense', name: 'dense', inputs: ['flatten'], kernel: { shape: [8, 4], values: dense } },
      { type: 'relu', name: 'scores', inputs: ['dense'] },
    ],
  };
}

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
