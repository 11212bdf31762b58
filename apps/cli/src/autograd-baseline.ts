import type { Layer, LayerGraph, Weight } from '@clearmaps/deconvnet';
import { INPUT } from '@clearmaps/deconvnet';
import {
  add,
  addN,
  avgPool,
  concat,
  conv2d,
  grad,
  matMul,
  maxPool,
  mean,
  relu,
  reshape,
  slice,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
// Registers the gradients that tfjs-core alone leaves out.
import '@tensorflow/tfjs-layers';

/**
 * What one would do without clearmaps: the same net in TensorFlow.js ops, and `tf.grad` of one class score after
 * the other.
 */
export class AutogradBaseline {
  private readonly weights = new Map<Weight, Tensor>();

  constructor(private readonly graph: LayerGraph) {
    for (const layer of graph.layers) {
      if (layer.type !== 'conv2d' && layer.type !== 'dense') continue;
      for (const weight of [layer.kernel, layer.bias]) {
        if (weight) this.weights.set(weight, tensor(weight.values, [...weight.shape]));
      }
    }
  }

  /** The gradient of one class score at the input, [1, H, W, C]. */
  async gradient(image: Tensor4D, c: number): Promise<Float32Array> {
    const gradient = tidy(() => grad((x) => sum(slice(this.scores(x), [0, c], [-1, 1])))(image));
    try {
      return await gradient.data<'float32'>();
    } finally {
      gradient.dispose();
    }
  }

  dispose(): void {
    for (const weight of this.weights.values()) weight.dispose();
  }

  private scores(image: Tensor): Tensor2D {
    const outputs = new Map<string, Tensor>([[INPUT, image]]);
    let last = image;
    for (const layer of this.graph.layers) {
      const inputs = layer.inputs.map((name) => outputs.get(name)!);
      last = this.run(layer, inputs);
      outputs.set(layer.name, last);
    }
    return reshape(last, [image.shape[0]!, -1]);
  }

  private run(layer: Layer, inputs: Tensor[]): Tensor {
    const x = inputs[0] as Tensor4D;
    switch (layer.type) {
      case 'conv2d': {
        const kernel = this.weights.get(layer.kernel) as Tensor4D;
        const dilations = (layer.dilations ?? [1, 1]) as [number, number];
        const y = conv2d(x, kernel, layer.strides as [number, number], layer.padding, 'NHWC', dilations);
        return layer.bias ? add(y, this.weights.get(layer.bias)!) : y;
      }
      case 'dense': {
        const y = matMul(x, this.weights.get(layer.kernel)!);
        return layer.bias ? add(y, this.weights.get(layer.bias)!) : y;
      }
      case 'maxPool2d':
      case 'averagePool2d': {
        const pool = layer.type === 'maxPool2d' ? maxPool : avgPool;
        return pool(x, layer.poolSize as [number, number], layer.strides as [number, number], layer.padding);
      }
      case 'relu':
        return relu(x);
      case 'globalAveragePool2d':
        return mean(x, [1, 2]);
      case 'flatten':
        return reshape(x, [x.shape[0], -1]);
      case 'add':
        return addN(inputs);
      case 'concat':
        return concat(inputs, -1);
      case 'dropout':
      // Class scores are read before the softmax.
      case 'softmax':
        return x;
    }
  }
}
