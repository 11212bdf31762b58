import type { Border, Layer, LayerGraph, Padding, Weight } from '@clearmaps/deconvnet';
import { INPUT } from '@clearmaps/deconvnet';
import {
  add,
  addN,
  avgPool,
  concat,
  conv2d,
  grad,
  leakyRelu,
  matMul,
  maxPool,
  mean,
  mul,
  pad,
  relu,
  relu6,
  reshape,
  slice,
  split,
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
      const { kernel, bias, scale, shift } = layer as Partial<
        Record<'kernel' | 'bias' | 'scale' | 'shift', Weight>
      >;
      for (const weight of [kernel, bias, scale, shift]) {
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
        const { groups = 1, strides, padding } = layer;
        const one = (part: Tensor4D, filter: Tensor4D) =>
          conv2d(part, filter, strides as [number, number], tfjsPadding(padding), 'NHWC', dilations);
        const filters = split<Tensor4D>(kernel, groups, -1);
        const y =
          groups === 1
            ? one(x, kernel)
            : concat(
                split<Tensor4D>(x, groups, -1).map((part, group) => one(part, filters[group]!)),
                -1,
              );
        return layer.bias ? add(y, this.weights.get(layer.bias)!) : y;
      }
      case 'dense': {
        const y = matMul(x, this.weights.get(layer.kernel)!);
        return layer.bias ? add(y, this.weights.get(layer.bias)!) : y;
      }
      case 'maxPool2d':
      case 'averagePool2d': {
        const pool = layer.type === 'maxPool2d' ? maxPool : avgPool;
        const { poolSize, strides, padding } = layer;
        return pool(x, poolSize as [number, number], strides as [number, number], tfjsPadding(padding));
      }
      case 'affine': {
        const y = mul(x, this.weights.get(layer.scale)!);
        return layer.shift ? add(y, this.weights.get(layer.shift)!) : y;
      }
      case 'relu':
        return relu(x);
      case 'relu6':
        return relu6(x);
      case 'leakyRelu':
        return leakyRelu(x, layer.alpha);
      case 'zeroPadding2d':
        return pad(x, tfjsBorder(layer.padding));
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

const tfjsPadding = (padding: Padding) => (typeof padding === 'string' ? padding : tfjsBorder(padding));

function tfjsBorder([[top, bottom], [left, right]]: Border): [Ends, Ends, Ends, Ends] {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

type Ends = [number, number];
