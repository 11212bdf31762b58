import type { AveragePoolLayer, GlobalAveragePoolLayer, MaxPoolLayer, PoolLayer } from '@clearmaps/deconvnet';
import {
  averagePoolBackward,
  findSwitches,
  type PoolPhases,
  pool,
  prepareAveragePoolBack,
  preparePoolPhases,
  unpool,
} from '@clearmaps/deconvnet/layers';
import { fill, mean, mul, type Rank, reshape, type Tensor4D } from '@tensorflow/tfjs-core';
import type { LayerStep, StepContext } from './layer-step.ts';

/** The gradient goes to the first maximum of each window, as CLEAR's switches do. */
export const maxPool2dStep: LayerStep<MaxPoolLayer> = {
  forward: (context, layer, [x]) => pool(layer, x as Tensor4D, context.geometry(layer)),

  backward(context, layer, { inputs, output, gradient }) {
    const phases = poolPhases(context, layer);
    const switches = findSwitches(phases, inputs[0] as Tensor4D, output as Tensor4D);
    return { inputs: [unpool(phases, gradient as Tensor4D, switches)] };
  },
};

export const averagePool2dStep: LayerStep<AveragePoolLayer> = {
  forward: (context, layer, [x]) => pool(layer, x as Tensor4D, context.geometry(layer)),

  backward(context, layer, { gradient }) {
    const phases = poolPhases(context, layer);
    const back = context.keep(`${layer.name} back`, () => {
      const value = prepareAveragePoolBack(phases);
      return { value, tensors: [value.share, ...value.members] };
    });
    return { inputs: [averagePoolBackward(phases, back, gradient as Tensor4D)] };
  },
};

export const globalAveragePool2dStep: LayerStep<GlobalAveragePoolLayer> = {
  forward: (_context, _layer, [x]) => mean(x!, [1, 2]),

  backward(_context, _layer, { inputs, gradient }) {
    const [batch, height, width, channels] = (inputs[0] as Tensor4D).shape;
    const everywhere = fill<Rank.R4>([1, height, width, 1], 1 / (height * width));
    return { inputs: [mul(reshape(gradient, [batch, 1, 1, channels]), everywhere)] };
  },
};

function poolPhases(context: StepContext, layer: PoolLayer): PoolPhases {
  return context.keep(`${layer.name} phases`, () => {
    const value = preparePoolPhases(context.geometry(layer));
    return { value, tensors: value.tiles.map((tile) => tile.rank) };
  });
}
