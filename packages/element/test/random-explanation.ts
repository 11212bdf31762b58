import { createExplainer, type Explanation } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';

/** What the package says of one picture of the MNIST net with random weights. */
export async function randomExplanation(): Promise<Explanation> {
  await setBackend('cpu');
  const explainer = createExplainer(mnistNet({ seed: 5 }));
  const pixels = Float32Array.from({ length: 784 }, (_, i) => ((i * 37) % 101) / 100);
  const explanation = await explainer.explain(pixels);
  explainer.dispose();
  return explanation;
}
