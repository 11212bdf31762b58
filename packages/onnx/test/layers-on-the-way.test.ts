import { layerCases } from '../../deconvnet/test/layer-cases.ts';
import { createNativeExplainer } from '../src/index.ts';

layerCases(async (net, image, options) => {
  const explainer = await createNativeExplainer(net, { threads: 1 });
  try {
    return await explainer.explain(image, options);
  } finally {
    await explainer.dispose();
  }
});
