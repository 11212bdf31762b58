import { INPUT, type Layer, type LayerGraph } from '../src/index.ts';
import { Random } from './random.ts';

/** conv 3x3, ReLU, max pool, conv 3x3, ReLU, conv 1x1 with a kernel a class, pooling, softmax: 8x7xC. */
export function smallNet({ channels = 3, classes = 4, seed = 1 } = {}): LayerGraph {
  const random = new Random(seed);
  const conv = (name: string, input: string, shape: readonly [number, number, number, number]): Layer => ({
    type: 'conv2d',
    name,
    inputs: [input],
    kernel: {
      shape,
      values: random.floats(
        shape.reduce((a, b) => a * b),
        Math.sqrt(2 / (shape[0] * shape[1] * shape[2])),
      ),
    },
    bias: { shape: [shape[3]], values: random.floats(shape[3], 0.1) },
    strides: [1, 1],
    padding: 'same',
  });
  return {
    name: 'small',
    inputShape: [8, 7, channels],
    layers: [
      conv('conv_1', INPUT, [3, 3, channels, 5]),
      { type: 'relu', name: 'relu_1', inputs: ['conv_1'] },
      {
        type: 'maxPool2d',
        name: 'pool',
        inputs: ['relu_1'],
        poolSize: [2, 2],
        strides: [2, 2],
        padding: 'same',
      },
      conv('conv_2', 'pool', [3, 3, 5, 6]),
      { type: 'relu', name: 'relu_2', inputs: ['conv_2'] },
      conv('scores', 'relu_2', [1, 1, 6, classes]),
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['scores'] },
      { type: 'softmax', name: 'softmax', inputs: ['gap'] },
    ],
  };
}

/** The same net, told what its pixels are made of: from -5 to 5.2. */
export function smallNetOfPixels(options: Parameters<typeof smallNet>[0] = {}): LayerGraph {
  const net = smallNet(options);
  const channels = net.inputShape[2];
  const preprocessing = {
    channels: channels === 1 ? 'gray' : 'rgb',
    scale: 0.04,
    mean: Array<number>(channels).fill(5),
    std: Array<number>(channels).fill(1),
    resize: 'stretch',
  } as const;
  return { ...net, preprocessing };
}

export function imagesFor({ inputShape }: LayerGraph, count = 1, seed = 7): Float32Array {
  return new Random(seed).floats(count * inputShape.reduce((a, b) => a * b));
}

/** A one-pixel net whose class scores are `weights` times the pixel: response c is weights[c] everywhere. */
export function scaleNet(weights: readonly number[]): LayerGraph {
  return {
    name: 'scale',
    inputShape: [1, 1, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'scores',
        inputs: [INPUT],
        kernel: { shape: [1, 1, 1, weights.length], values: Float32Array.from(weights) },
        strides: [1, 1],
        padding: 'valid',
      },
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['scores'] },
    ],
  };
}
