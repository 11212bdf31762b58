import { createExplainer } from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { layerCases } from './layer-cases.ts';

onEachBackend((backend) => {
  layerCases(
    async (net, image, options) => {
      const explainer = createExplainer(net);
      try {
        return await explainer.explain(image, options);
      } finally {
        explainer.dispose();
      }
    },
    { slowAndLow: backend === 'webgpu' },
  );
});
