import type { Conv2dLayer } from '@clearmaps/deconvnet';
import {
  convolve,
  prepareTransposedConv,
  transposedConv,
  type WindowGeometry,
  windowGeometry,
} from '@clearmaps/deconvnet/layers';
import { avgPool, mul, reshape, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { dilatedKernel } from '../dilated-kernel.ts';
import { filterGradient } from '../filter-gradient.ts';
import type { LayerStep, StepContext } from './layer-step.ts';

export const conv2dStep: LayerStep<Conv2dLayer> = {
  forward(context, layer, [x]) {
    const { kernel, geometry } = plainConvolution(context, layer);
    return convolve(x as Tensor4D, kernel, geometry, {
      groups: layer.groups ?? 1,
      bias: context.parameter(layer, 'bias'),
      activation: context.fusesRelu(layer) ? 'relu' : 'linear',
    });
  },

  backward(context, layer, { inputs, gradient }) {
    const input = inputs[0] as Tensor4D;
    const response = gradient as Tensor4D;
    const parameters: Record<string, Tensor> = {};
    if (context.learns(layer)) {
      parameters.kernel = filterGradient(input, response, context.geometry(layer));
      if (layer.bias) parameters.bias = sumOverPositions(response);
    }
    return {
      inputs: [context.needsGradient(layer.inputs[0]!) ? inputGradient(context, layer, response) : undefined],
      parameters,
    };
  },
};

function inputGradient(context: StepContext, layer: Conv2dLayer, response: Tensor4D): Tensor4D {
  const { kernel, geometry } = plainConvolution(context, layer);
  return transposedConv(prepareTransposedConv(kernel, geometry, layer.groups), response);
}

/** tfjs runs no convolution that is both strided and dilated: its dilation goes into the kernel. */
function plainConvolution(
  context: StepContext,
  layer: Conv2dLayer,
): { kernel: Tensor4D; geometry: WindowGeometry } {
  const kernel = context.parameter(layer, 'kernel') as Tensor4D;
  const { strides, dilations = [1, 1], padding } = layer;
  const strided = strides.some((stride) => stride > 1);
  if (!strided || dilations.every((dilation) => dilation === 1)) {
    return { kernel, geometry: context.geometry(layer) };
  }
  const spread = dilatedKernel(kernel, dilations);
  const [height, width] = spread.shape;
  const input = context.shape(layer.inputs[0]!);
  return { kernel: spread, geometry: windowGeometry(input, [height, width], strides, [1, 1], padding) };
}

/** [b, h, w, c] to [c]. By way of an average pool: wasm's own sum over leading axes is ten times slower. */
function sumOverPositions(values: Tensor4D): Tensor {
  const [, height, width, channels] = values.shape;
  const means = avgPool(values, [height, width], 1, 'valid');
  return mul(sum(reshape(means, [-1, channels]), 0), height * width);
}
