import { type GraphPlan, largestConvolution } from '@clearmaps/deconvnet/graph';
import { createNativeConvolution, createNativeExplainer, type ForwardType } from '@clearmaps/onnx';
import { processGrowth } from './process-growth.ts';
import type { Subject } from './subject.ts';

export async function openNativeSubject(plan: GraphPlan, forward: ForwardType): Promise<Subject> {
  const { graph } = plan;
  const explainer = await createNativeExplainer(graph, { forward });
  const layer = largestConvolution(plan);
  const convolution = layer && (await createNativeConvolution(graph, layer.name));
  const image = Float32Array.from({ length: graph.inputShape.reduce((a, b) => a * b) }, () => Math.random());
  const explain = async (): Promise<void> => void (await explainer.explain(image));
  return {
    tasks: {
      ...(convolution && { convolution: () => convolution.run() }),
      forward: async () => void (await explainer.predict(image)),
      allClasses: explain,
    },
    images: convolution?.images ?? 1,
    sumsImage: true,
    memory: async () => ({ kind: 'process', bytes: await processGrowth(explain) }),
    async dispose() {
      await convolution?.dispose();
      await explainer.dispose();
    },
  };
}
