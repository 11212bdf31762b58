import type { Layer, LayerType } from '@clearmaps/deconvnet';
import { conv2dStep } from './steps/conv2d.ts';
import { denseStep } from './steps/dense.ts';
import { affineStep, dropoutStep, rectifierStep, zeroPadding2dStep } from './steps/elementwise.ts';
import { addStep, concatStep, flattenStep } from './steps/joining.ts';
import type { LayerStep } from './steps/layer-step.ts';
import { averagePool2dStep, globalAveragePool2dStep, maxPool2dStep } from './steps/pooling.ts';

/** Softmax has no row: its gradient is taken together with that of the loss, see cross-entropy.ts. */
export type TrainedLayer = Exclude<Layer, { type: 'softmax' }>;

const LAYER_STEPS: { [T in Exclude<LayerType, 'softmax'>]: LayerStep<Extract<Layer, { type: T }>> } = {
  conv2d: conv2dStep,
  affine: affineStep,
  relu: rectifierStep,
  relu6: rectifierStep,
  leakyRelu: rectifierStep,
  zeroPadding2d: zeroPadding2dStep,
  maxPool2d: maxPool2dStep,
  averagePool2d: averagePool2dStep,
  globalAveragePool2d: globalAveragePool2dStep,
  dense: denseStep,
  flatten: flattenStep,
  add: addStep,
  concat: concatStep,
  dropout: dropoutStep,
};

export function layerStep(layer: TrainedLayer): LayerStep<TrainedLayer> {
  return LAYER_STEPS[layer.type] as LayerStep<TrainedLayer>;
}
