export {
  createMethod,
  type MethodExplainer,
  type MethodExplainOptions,
  type MethodExplanation,
  type MethodRequest,
} from './create-method.ts';
export type { Engine, OpenEngine } from './engine.ts';
export { MethodError } from './errors.ts';
export { type InvariancePoint, invarianceCurve } from './invariance-curve.ts';
export { type MaximisedActivation, type MaximiseOptions, maximiseActivation } from './maximise-activation.ts';
export { FAMILIES, type Family, type Method } from './method.ts';
export {
  allowedValues,
  choicesOf,
  isAllowed,
  type NumberOption,
  type OptionTable,
  type WordOption,
} from './method-options.ts';
export { METHOD_NAMES, METHODS, type MethodName } from './methods.ts';
export { type StrongestOptions, type StrongImage, strongestImages } from './strongest-images.ts';
export { openUnits, type Units } from './units.ts';
