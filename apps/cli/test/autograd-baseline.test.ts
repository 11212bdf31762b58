import { createExplainer } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import { memory, randomUniform, type Tensor4D } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { AutogradBaseline } from '../src/autograd-baseline.ts';
import { startChosenBackend } from '../src/backends.ts';

test.each(['cpu', 'wasm'])('the baseline of bench differentiates the same net, on %s', async (backend) => {
  await startChosenBackend(backend);
  const graph = mnistNet({ seed: 3 });
  const before = memory().numTensors;
  const image = randomUniform([1, 28, 28, 1], 0, 1, 'float32', 5) as Tensor4D;
  const baseline = new AutogradBaseline(graph);
  const explainer = createExplainer(graph);
  const { maps } = await explainer.explain(image, { rule: 'gradient', seed: 'unit' });
  // The unit seed stands at all 14 x 14 places of the feature map; the score is their mean.
  for (let c = 0; c < 10; c++) {
    const gradient = await baseline.gradient(image, c);
    const scale = Math.max(...gradient.map(Math.abs));
    gradient.forEach((value, pixel) => {
      expect(Math.abs(maps[c * 784 + pixel]! / 196 - value)).toBeLessThan(1e-4 * scale);
    });
  }
  baseline.dispose();
  explainer.dispose();
  image.dispose();
  expect(memory().numTensors).toBe(before);
});
