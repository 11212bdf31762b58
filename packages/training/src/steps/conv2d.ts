import type { Conv2dLayer, Pair } from '@clearmaps/deconvnet';
import {
  prepareTransposedConv,
  transposedConv,
  type WindowGeometry,
  windowGeometry,
} from '@clearmaps/deconvnet/layers';
import { avgPool, fused, mul, reshape, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { dilatedKernel } from '../dilated-kernel.ts';
import { filterGradient } from '../filter-gradient.ts';
import type { LayerStep } from './layer-step.ts';

export const conv2dStep: LayerStep<Conv2dLayer> = {
  forward(context, layer, [x]) {
    const { kernel, dilations } = plainConvolution(layer, context.parameter(layer, 'kernel') as Tensor4D);
    return fused.conv2d({
      x: x as Tensor4D,
      filter: kernel,
      strides: layer.strides as [number, number],
      pad: explicitPadding(context.geometry(layer)),
      dilations: dilations as [number, number],
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

function inputGradient(
  context: Parameters<(typeof conv2dStep)['backward']>[0],
  layer: Conv2dLayer,
  response: Tensor4D,
): Tensor4D {
  const { kernel, dilations } = plainConvolution(layer, context.parameter(layer, 'kernel') as Tensor4D);
  const [height, width] = kernel.shape;
  const geometry = windowGeometry(
    context.shape(layer.inputs[0]!),
    [height, width],
    layer.strides,
    dilations,
    layer.padding,
  );
  return transposedConv(prepareTransposedConv(kernel, geometry), response);
}

/**
 * In numbers rather than as 'same': XNNPACK would count the padding itself, unsigned, and wrap round where a kernel
 * is shorter than its stride.
 */
function explicitPadding({ y, x }: WindowGeometry): Parameters<typeof fused.conv2d>[0]['pad'] {
  return [
    [0, 0],
    [y.padBefore, y.padAfter],
    [x.padBefore, x.padAfter],
    [0, 0],
  ];
}

/** tfjs runs no convolution that is both strided and dilated: its dilation goes into the kernel. */
function plainConvolution(layer: Conv2dLayer, kernel: Tensor4D): { kernel: Tensor4D; dilations: Pair } {
  const dilations = layer.dilations ?? [1, 1];
  const strided = layer.strides.some((stride) => stride > 1);
  if (!strided || dilations.every((dilation) => dilation === 1)) return { kernel, dilations };
  return { kernel: dilatedKernel(kernel, dilations), dilations: [1, 1] };
}

/** [b, h, w, c] to [c]. By way of an average pool: wasm's own sum over leading axes is ten times slower. */
function sumOverPositions(values: Tensor4D): Tensor {
  const [, height, width, channels] = values.shape;
  const means = avgPool(values, [height, width], 1, 'valid');
  return mul(sum(reshape(means, [-1, channels]), 0), height * width);
}
