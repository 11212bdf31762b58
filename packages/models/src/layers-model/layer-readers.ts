import { type Layer, type Pair, UnsupportedLayerError, type Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { asNumber, asSizes, describe, oneOf } from '../json-checks.ts';
import type { KerasLayer } from './topology.ts';
import type { DecodedWeight } from './weights.ts';

type WithoutNames<L> = L extends Layer ? Omit<L, 'name' | 'inputs'> : never;
/** A layer before it has a name and inputs. */
export type LayerBody = WithoutNames<Layer>;

/** Axes that must turn out to be the last one, as soon as shapes are known: layer name, axis with the batch counted. */
export type AxisClaim = { readonly layer: KerasLayer; readonly axis: number };

/** What one Keras layer becomes, in order: several layers for a fused activation, none for an identity. */
export function readLayer(
  layer: KerasLayer,
  weights: ReadonlyMap<string, DecodedWeight>,
  claims: AxisClaim[],
): readonly LayerBody[] {
  const read = Object.hasOwn(READERS, layer.className) ? READERS[layer.className] : undefined;
  if (!read) {
    throw new UnsupportedLayerError({
      asked: `layer "${layer.name}"`,
      got: `type ${layer.className}`,
      allowed: SUPPORTED_KERAS_LAYERS.join(', '),
    });
  }
  return read(new LayerConfig(layer, weights, claims));
}

/** One row a Keras layer class. */
const READERS: Readonly<Record<string, (layer: LayerConfig) => readonly LayerBody[]>> = {
  Conv2D: (layer) => {
    layer.needs('data_format', ['channels_last']);
    layer.needs('groups', [1]);
    const [kh, kw] = layer.pair('kernel_size');
    const filters = layer.size('filters');
    const dilations = layer.pair('dilation_rate', [1, 1]);
    const body: LayerBody = {
      type: 'conv2d',
      kernel: layer.weight('kernel', [kh, kw, undefined, filters]),
      ...layer.bias(filters),
      strides: layer.pair('strides', [1, 1]),
      padding: layer.padding(),
      ...(dilations.some((d) => d !== 1) && { dilations }),
    };
    return [body, ...layer.activation()];
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
  MaxPooling2D: (layer) => [layer.pool('maxPool2d')],
  AveragePooling2D: (layer) => [layer.pool('averagePool2d')],
  GlobalAveragePooling2D: (layer) => {
    layer.needs('data_format', ['channels_last']);
    layer.needs('keepdims', [false]);
    return [{ type: 'globalAveragePool2d' }];
  },
  Activation: (layer) => layer.activation(),
  ReLU: (layer) => {
    layer.needs('max_value', [null]);
    layer.needs('negative_slope', [0, null]);
    layer.needs('threshold', [0, null]);
    return [{ type: 'relu' }];
  },
  Softmax: (layer) => {
    layer.lastAxis();
    return [{ type: 'softmax' }];
  },
  Flatten: (layer) => {
    layer.needs('data_format', ['channels_last']);
    return [{ type: 'flatten' }];
  },
  Dropout: (layer) => [{ type: 'dropout', rate: layer.number('rate') }],
  Add: () => [{ type: 'add' }],
  Concatenate: (layer) => {
    layer.lastAxis();
    return [{ type: 'concat' }];
  },
};

/** The Keras classes that can be read, `InputLayer` among them. */
export const SUPPORTED_KERAS_LAYERS: readonly string[] = ['InputLayer', ...Object.keys(READERS)];

class LayerConfig {
  constructor(
    private readonly layer: KerasLayer,
    private readonly weights: ReadonlyMap<string, DecodedWeight>,
    private readonly claims: AxisClaim[],
  ) {}

  private at(field: string): string {
    return `layer "${this.layer.name}" (${this.layer.className}), ${field}`;
  }

  /** Refuses a setting that changes the meaning of the layer; an absent field has Keras' default. */
  needs(field: string, allowed: readonly unknown[]): void {
    const value = this.layer.config[field];
    if (value === undefined || allowed.includes(value)) return;
    throw new UnsupportedLayerError({
      asked: this.at(field),
      got: describe(value),
      allowed: allowed
        .filter((one) => one !== null || allowed.length === 1)
        .map(describe)
        .join(', '),
    });
  }

  number(field: string): number {
    return asNumber(this.layer.config[field], this.at(field));
  }

  size(field: string): number {
    return asSizes([this.layer.config[field]], this.at(field), 1)[0]!;
  }

  pair(field: string, otherwise?: Pair): Pair {
    const value = this.layer.config[field] ?? otherwise;
    return asSizes(typeof value === 'number' ? [value, value] : value, this.at(field), 2) as unknown as Pair;
  }

  padding(): 'same' | 'valid' {
    return oneOf(this.layer.config.padding ?? 'valid', ['same', 'valid'], this.at('padding'));
  }

  pool(type: 'maxPool2d' | 'averagePool2d'): LayerBody {
    this.needs('data_format', ['channels_last']);
    const poolSize = this.pair('pool_size', [2, 2]);
    return { type, poolSize, strides: this.pair('strides', poolSize), padding: this.padding() };
  }

  activation(): readonly LayerBody[] {
    const { activation } = this.layer.config;
    this.needs('activation', ['relu', 'softmax', 'linear', null]);
    return activation === 'relu' || activation === 'softmax' ? [{ type: activation }] : [];
  }

  lastAxis(): void {
    const axis = this.layer.config.axis ?? -1;
    if (axis !== -1) this.claims.push({ layer: this.layer, axis: asNumber(axis, this.at('axis')) });
  }

  bias(length: number): { bias?: Weight } {
    const wanted = this.layer.config.use_bias ?? true;
    if (wanted) return { bias: this.weight('bias', [length]) };
    if (this.find('bias')) {
      throw new ModelFileError({ asked: this.at('use_bias'), got: 'false, and a bias among the weights' });
    }
    return {};
  }

  /** @param shape undefined where the topology leaves the size open. */
  weight(kind: 'kernel' | 'bias', shape: readonly (number | undefined)[]): Weight {
    const found = this.find(kind);
    const wanted = `[${shape.map((size) => size ?? 'any').join(', ')}]`;
    if (!found) {
      throw new ModelFileError({
        asked: this.at(kind),
        got: `no weight "${this.layer.name}/${kind}"`,
        allowed: `float32 ${wanted}`,
        remedy: 'Take model.json and its weight files from the same export.',
      });
    }
    const fits =
      found.shape.length === shape.length &&
      shape.every((size, i) => found.shape[i]! >= 1 && (size === undefined || size === found.shape[i]));
    if (!fits || !found.values) {
      throw new ModelFileError({
        asked: this.at(kind),
        got: `${found.dtype} [${found.shape.join(', ')}]`,
        allowed: `float32 ${wanted}`,
      });
    }
    return { shape: found.shape, values: found.values };
  }

  /** By its exact name, or inside scopes: TensorFlow writes `scope/layer/kernel:0` and `layer/cell/kernel` too. */
  private find(kind: string): DecodedWeight | undefined {
    const { name } = this.layer;
    const exact = this.weights.get(`${name}/${kind}`);
    if (exact) return exact;
    const matches = [...this.weights].filter(([key]) => {
      const path = `/${key.replace(/:0$/, '')}`;
      return path.endsWith(`/${kind}`) && path.includes(`/${name}/`);
    });
    if (matches.length > 1) {
      throw new ModelFileError({
        asked: this.at(kind),
        got: `several candidates: ${matches.map(([key]) => `"${key}"`).join(', ')}`,
        allowed: `one weight "${name}/${kind}"`,
      });
    }
    return matches[0]?.[1];
  }
}
