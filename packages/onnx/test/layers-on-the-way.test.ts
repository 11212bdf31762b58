import { describe } from 'vitest';
import { layerCases } from '../../deconvnet/test/layer-cases.ts';
import { createNativeExplainer, FORWARD_TYPES } from '../src/index.ts';

describe.each(FORWARD_TYPES)('forward in %s', (forward) => {
  layerCases(async (net, image, options) => {
    const explainer = await createNativeExplainer(net, { threads: 1, forward });
    try {
      return await explainer.explain(image, options);
    } finally {
      await explainer.dispose();
    }
  });
});
