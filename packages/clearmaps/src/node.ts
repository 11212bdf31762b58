import { checkNativeOptions, createNativeExplainer, type NativeExplainerOptions } from '@clearmaps/onnx';
import type { Backend } from './backend.ts';

/** Native code in Node, on its own threads: onnxruntime-node, which is to be installed beside clearmaps. */
export function native(options: NativeExplainerOptions = {}): Backend {
  checkNativeOptions('native', options);
  return {
    name: 'native',
    async open(graph) {
      const explainer = await createNativeExplainer(graph, options);
      return {
        graph: explainer.graph,
        classCount: explainer.classCount,
        takesTensors: false,
        explain: (input, explainOptions) => explainer.explain(input as Float32Array, explainOptions),
        predict: (input) => explainer.predict(input as Float32Array),
        predictChanges: (image, windows, changeOptions) =>
          explainer.predictChanges(image, windows, changeOptions),
        featureMap: (input) => explainer.featureMap(input as Float32Array),
        dispose: () => explainer.dispose(),
      };
    },
  };
}
