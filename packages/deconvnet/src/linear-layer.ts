import { add, matMul, reshape, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { convolve } from './convolve.ts';
import type { Conv2dLayer, DenseLayer } from './layer-graph.ts';
import type { KernelPart } from './layer-rules.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import type { WindowGeometry } from './window-geometry.ts';

export interface LinearOptions {
  readonly kernel: KernelPart;
  /** Whether the same part of the bias is added. */
  readonly bias: boolean;
  /** Of a convolution. */
  readonly activation: 'linear' | 'relu' | 'relu6';
  /** Of a convolution; default where its windows lie on whole maps. */
  readonly geometry?: WindowGeometry;
}

/**
 * A convolution or a dense layer forward.
 *
 * @param x [B, h, w, in]; of a dense layer of any shape with in values an image
 * @returns [B, oh, ow, out], of a dense layer [B, out]
 */
export function runLinear(
  prepared: PreparedGraph,
  layer: Conv2dLayer | DenseLayer,
  x: Tensor,
  { kernel, bias: withBias, activation, geometry }: LinearOptions,
): Tensor {
  const weights = prepared.kernel(layer.name, kernel);
  const bias = withBias ? prepared.bias(layer.name, kernel) : undefined;
  if (layer.type === 'conv2d') {
    const { groups = 1 } = layer;
    return convolve(x as Tensor4D, weights as Tensor4D, geometry ?? prepared.convGeometry(layer), {
      groups,
      bias,
      activation,
    });
  }
  const product = matMul(reshape(x, [x.shape[0]!, -1]) as Tensor2D, weights as Tensor2D);
  return bias ? add(product, bias) : product;
}
