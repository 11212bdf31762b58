export { ModelFileError, PictureError } from './errors.ts';
export { type GoldenArray, type GoldenCase, type GoldenDominant, parseGoldenCase } from './golden.ts';
export type { ReadModelOptions } from './graph-builder.ts';
export { heNormal } from './he-init.ts';
export { type InputSize, withInputSize } from './input-size.ts';
export { SUPPORTED_KERAS_LAYERS } from './keras/graph-from-keras.ts';
export { graphFromLayersModel, type LayersModelFile } from './layers-model/graph-from-layers-model.ts';
export {
  type LayersModel,
  type LayersModelWeightSpec,
  layersModelFromGraph,
  type WriteModelOptions,
} from './layers-model/layers-model-from-graph.ts';
export { type ModelMetadata, readMetadata } from './layers-model/metadata.ts';
export {
  readTeachableMachineMetadata,
  type TeachableMachineMetadata,
} from './layers-model/teachable-machine.ts';
export type { WeightBytes } from './layers-model/weights.ts';
export { type ModelKind, modelKind } from './model-kind.ts';
export { type NetWithHead, type NewHeadOptions, withNewHead } from './new-head.ts';
export { mnistNet, type NetOptions, svhnNet, vggNet } from './paper-nets.ts';
export { groundOf, type Picture, type PreprocessOptions, preprocess } from './preprocess.ts';
export { readPreprocessing } from './read-preprocessing.ts';
export { CAFFE_PREPROCESSING, wellKnownPreprocessing } from './well-known-nets.ts';
