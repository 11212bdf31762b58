import type { Weight } from '@clearmaps/deconvnet/graph';
import type { LayerBody } from '../graph-builder.ts';
import { normalisation } from '../normalisation.ts';
import type { LayerConfig } from './layer-config.ts';

type LayerReader = (layer: LayerConfig) => readonly LayerBody[];

/** One row a Keras layer class: the layers it becomes, in order; none for an identity. */
export const LAYER_READERS: Readonly<Record<string, LayerReader>> = {
  Conv2D: (layer) => {
    const [kh, kw] = layer.pair('kernel_size');
    const filters = layer.size('filters');
    const groups = layer.size('groups', 1);
    const body: LayerBody = {
      type: 'conv2d',
      kernel: layer.weight('kernel', [kh, kw, undefined, filters]),
      ...layer.bias(filters),
      ...windows(layer),
      ...(groups !== 1 && { groups }),
    };
    return [body, ...layer.activation()];
  },
  DepthwiseConv2D: (layer) => {
    const kernel = depthwiseKernel(layer);
    const body: LayerBody = {
      type: 'conv2d',
      kernel,
      ...layer.bias(kernel.shape[3]!),
      ...windows(layer),
      groups: layer.inputShape.at(-1)!,
    };
    return [body, ...layer.activation()];
  },
  SeparableConv2D: (layer) => {
    const filters = layer.size('filters');
    const kernel = depthwiseKernel(layer);
    const depthwise: LayerBody = {
      type: 'conv2d',
      kernel,
      ...windows(layer),
      groups: layer.inputShape.at(-1)!,
    };
    const pointwise: LayerBody = {
      type: 'conv2d',
      kernel: layer.weight('pointwise_kernel', [1, 1, kernel.shape[3], filters]),
      ...layer.bias(filters),
      strides: [1, 1],
      padding: 'valid',
    };
    return [depthwise, pointwise, ...layer.activation()];
  },
  Dense: (layer) => {
    const units = layer.size('units');
    const body: LayerBody = {
      type: 'dense',
      kernel: layer.weight('kernel', [undefined, units]),
      ...layer.bias(units),
    };
    return [body, ...layer.activation()];
  },
  BatchNormalization: (layer) => {
    layer.lastAxis();
    const channels = layer.inputShape.at(-1)!;
    const values = (kind: string) => layer.weight(kind, [channels]).values;
    return [
      normalisation({
        ...((layer.value('scale') ?? true) && { gamma: values('gamma') }),
        ...((layer.value('center') ?? true) && { beta: values('beta') }),
        mean: values('moving_mean'),
        variance: values('moving_variance'),
        epsilon: layer.number('epsilon', 1e-3),
      }),
    ];
  },
  ZeroPadding2D: (layer) => {
    layer.needs('data_format', ['channels_last', null]);
    return [{ type: 'zeroPadding2d', padding: layer.border() }];
  },
  MaxPooling2D: (layer) => [pool(layer, 'maxPool2d')],
  AveragePooling2D: (layer) => [pool(layer, 'averagePool2d')],
  GlobalAveragePooling2D: (layer) => {
    layer.needs('data_format', ['channels_last', null]);
    // [1, 1, C] with kept dimensions is [C] here: see GraphBuilder for the convolutions behind it.
    layer.needs('keepdims', [false, true]);
    return [{ type: 'globalAveragePool2d' }];
  },
  Activation: (layer) => layer.activation(),
  ReLU: (layer) => {
    layer.needs('threshold', [0, null]);
    const slope = layer.number('negative_slope', 0);
    if (slope !== 0) {
      layer.needs('max_value', [null]);
      return [{ type: 'leakyRelu', alpha: slope }];
    }
    layer.needs('max_value', [null, 6]);
    return [{ type: layer.value('max_value') === 6 ? 'relu6' : 'relu' }];
  },
  // Keras 3 says negative_slope for alpha.
  LeakyReLU: (layer) => [
    { type: 'leakyRelu', alpha: layer.number('alpha', layer.number('negative_slope', 0.3)) },
  ],
  Softmax: (layer) => {
    layer.lastAxis();
    return [{ type: 'softmax' }];
  },
  Flatten: (layer) => {
    layer.needs('data_format', ['channels_last', null]);
    return [{ type: 'flatten' }];
  },
  Reshape: (layer) => reshape(layer),
  Dropout: (layer) => [{ type: 'dropout', rate: layer.number('rate') }],
  Add: () => [{ type: 'add' }],
  Concatenate: (layer) => {
    layer.lastAxis();
    return [{ type: 'concat' }];
  },
};

function windows(layer: LayerConfig) {
  layer.needs('data_format', ['channels_last', null]);
  const dilations = layer.pair('dilation_rate', [1, 1]);
  return {
    strides: layer.pair('strides', [1, 1]),
    padding: layer.padding(),
    ...(dilations.some((d) => d !== 1) && { dilations }),
  };
}

/** Keras' [kh, kw, in, m] as a kernel in groups of one channel: [kh, kw, 1, in * m]. */
function depthwiseKernel(layer: LayerConfig): Weight {
  const [kh, kw] = layer.pair('kernel_size');
  const channels = layer.inputShape.at(-1)!;
  // tfjs-layers forgets it when it saves a SeparableConv2D.
  const wanted = layer.value('depth_multiplier') === undefined ? undefined : layer.size('depth_multiplier');
  // Keras 3 calls that of a DepthwiseConv2D plainly `kernel`.
  const kind = layer.has('depthwise_kernel') ? 'depthwise_kernel' : 'kernel';
  const { shape, values } = layer.weight(kind, [kh, kw, channels, wanted]);
  return { shape: [kh, kw, 1, channels * shape[3]!], values };
}

function pool(layer: LayerConfig, type: 'maxPool2d' | 'averagePool2d'): LayerBody {
  layer.needs('data_format', ['channels_last', null]);
  const poolSize = layer.pair('pool_size', [2, 2]);
  return { type, poolSize, strides: layer.pair('strides', poolSize), padding: layer.padding() };
}

/** To one axis it is a flatten; between [C] and [1, 1, C] only axes get other names, as in MobileNet v1. */
function reshape(layer: LayerConfig): readonly LayerBody[] {
  const target = layer.value('target_shape');
  const { inputShape } = layer;
  const size = inputShape.reduce((a, b) => a * b, 1);
  const is = (...shape: number[]) =>
    Array.isArray(target) &&
    target.length === shape.length &&
    target.every((side, i) => side === shape[i] || side === -1) &&
    target.filter((side) => side === -1).length <= 1;
  if (is(size)) return inputShape.length === 1 ? [] : [{ type: 'flatten' }];
  if (is(1, 1, size) && inputShape.at(-1) === size) return [];
  return layer.refuse(
    'target_shape',
    target,
    `[${size}]${inputShape.at(-1) === size ? ` or [1, 1, ${size}]` : ''}`,
  );
}
