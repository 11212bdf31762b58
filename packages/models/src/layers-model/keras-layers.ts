import type { Layer, Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { JsonObject } from '../json-checks.ts';

export interface KerasEntry {
  readonly class_name: string;
  readonly config: JsonObject & { readonly name: string };
  readonly inputs: readonly string[];
}

/**
 * A layer in Keras' words; two layers where Keras pads in a layer of its own.
 *
 * @throws ModelFileError for a pool with a border in numbers.
 */
export function kerasLayers(layer: Layer): readonly KerasEntry[] {
  const padding = layer.type === 'conv2d' ? layer.padding : 'valid';
  if (layer.type !== 'conv2d' || typeof padding === 'string') return [kerasLayer(layer)];
  const name = `${layer.name}_padding`;
  return [
    kerasLayer({ type: 'zeroPadding2d', name, inputs: layer.inputs, padding }),
    kerasLayer({ ...layer, inputs: [name], padding: 'valid' }),
  ];
}

function kerasLayer(layer: Layer): KerasEntry {
  const { inputs } = layer;
  const entry = (class_name: string, config: JsonObject = {}): KerasEntry => ({
    class_name,
    config: { name: layer.name, trainable: true, ...config },
    inputs,
  });
  const data_format = 'channels_last';
  switch (layer.type) {
    case 'conv2d': {
      const config = {
        kernel_size: layer.kernel.shape.slice(0, 2),
        strides: layer.strides,
        padding: layer.padding,
        data_format,
        dilation_rate: layer.dilations ?? [1, 1],
        activation: 'linear',
        use_bias: layer.bias !== undefined,
      };
      const filters = layer.kernel.shape[3];
      if (isDepthwise(layer)) {
        return entry('DepthwiseConv2D', { ...config, depth_multiplier: filters! / layer.groups! });
      }
      const groups = layer.groups ?? 1;
      return entry('Conv2D', { filters, ...config, ...(groups !== 1 && { groups }) });
    }
    case 'dense':
      return entry('Dense', {
        units: layer.kernel.shape[1],
        activation: 'linear',
        use_bias: layer.bias !== undefined,
      });
    case 'affine':
      // With mean 0, variance 1 and epsilon 0 nothing is left of the normalisation but gamma and beta.
      return entry('BatchNormalization', {
        axis: -1,
        epsilon: 0,
        scale: true,
        center: layer.shift !== undefined,
      });
    case 'maxPool2d':
    case 'averagePool2d':
      if (typeof layer.padding !== 'string') {
        throw new ModelFileError({
          asked: `layer "${layer.name}" (${layer.type}), padding`,
          got: JSON.stringify(layer.padding),
          allowed: "'same' or 'valid' in a LayersModel",
        });
      }
      return entry(layer.type === 'maxPool2d' ? 'MaxPooling2D' : 'AveragePooling2D', {
        pool_size: layer.poolSize,
        strides: layer.strides,
        padding: layer.padding,
        data_format,
      });
    case 'zeroPadding2d':
      return entry('ZeroPadding2D', { padding: layer.padding, data_format });
    case 'globalAveragePool2d':
      return entry('GlobalAveragePooling2D', { data_format });
    case 'relu':
      return entry('ReLU', { max_value: null });
    case 'relu6':
      return entry('ReLU', { max_value: 6 });
    case 'leakyRelu':
      return entry('LeakyReLU', { alpha: layer.alpha });
    case 'softmax':
      return entry('Softmax', { axis: -1 });
    case 'flatten':
      return entry('Flatten', { data_format });
    case 'dropout':
      return entry('Dropout', { rate: layer.rate });
    case 'add':
      return entry('Add');
    case 'concat':
      return entry('Concatenate', { axis: -1 });
  }
}

/** The weights of a layer under the names that Keras gives them. */
export function kerasWeights(layer: Layer): (Weight & { readonly name: string })[] {
  const named = (kind: string, weight: Weight) => ({ name: `${layer.name}/${kind}`, ...weight });
  if (layer.type === 'affine') {
    const { scale, shift } = layer;
    const all = (value: number): Weight => ({ shape: scale.shape, values: scale.values.map(() => value) });
    return [
      named('gamma', scale),
      ...(shift ? [named('beta', shift)] : []),
      named('moving_mean', all(0)),
      named('moving_variance', all(1)),
    ];
  }
  if (layer.type !== 'conv2d' && layer.type !== 'dense') return [];
  const { kernel } = layer;
  const depthwise = layer.type === 'conv2d' && isDepthwise(layer);
  return [
    depthwise
      ? named('depthwise_kernel', { ...kernel, shape: depthwiseShape(kernel.shape, layer.groups!) })
      : named('kernel', kernel),
    ...(layer.bias ? [named('bias', layer.bias)] : []),
  ];
}

function isDepthwise({ kernel, groups = 1 }: Layer & { type: 'conv2d' }): boolean {
  return groups > 1 && kernel.shape[2] === 1;
}

/** [kh, kw, 1, in * m] as Keras' [kh, kw, in, m]. */
function depthwiseShape([kh, kw, , out]: readonly number[], channels: number): number[] {
  return [kh!, kw!, channels, out! / channels];
}
