export { type CompileOptions, compileOnnx, type OnnxModel } from './compile.ts';
export { MissingRuntimeError } from './errors.ts';
export { FORWARD_CHOICES, FORWARD_TYPES, type ForwardChoice, type ForwardType } from './forward-type.ts';
export { createNativeConvolution, type NativeConvolution } from './native-convolution.ts';
export {
  checkNativeOptions,
  createNativeExplainer,
  type NativeExplainer,
  type NativeExplainerOptions,
} from './native-explainer.ts';
export type { DataType, Dimension, OnnxPort } from './onnx-proto.ts';
