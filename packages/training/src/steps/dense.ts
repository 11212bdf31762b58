import type { DenseLayer } from '@clearmaps/deconvnet';
import { add, matMul, sum, type Tensor, type Tensor2D, transpose } from '@tensorflow/tfjs-core';
import type { LayerStep } from './layer-step.ts';

/** Operands are transposed beforehand: wasm multiplies transposed ones in a plain loop. */
export const denseStep: LayerStep<DenseLayer> = {
  forward(context, layer, [x]) {
    const product = matMul(x as Tensor2D, context.parameter(layer, 'kernel') as Tensor2D);
    const bias = context.parameter(layer, 'bias');
    return bias ? add(product, bias) : product;
  },

  backward(context, layer, { inputs, gradient }) {
    const parameters: Record<string, Tensor> = {};
    if (context.learns(layer)) {
      parameters.kernel = matMul(transpose(inputs[0] as Tensor2D), gradient as Tensor2D);
      if (layer.bias) parameters.bias = sum(gradient, 0);
    }
    const kernel = context.parameter(layer, 'kernel') as Tensor2D;
    const needed = context.needsGradient(layer.inputs[0]!);
    return { inputs: [needed ? matMul(gradient as Tensor2D, transpose(kernel)) : undefined], parameters };
  },
};
