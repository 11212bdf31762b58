import type {
  Conv2dLayer,
  DenseLayer,
  Layer,
  LayerGraph,
  Padding,
  Pair,
  PoolLayer,
} from '@clearmaps/deconvnet';
import { Random } from '../src/index.ts';

/** Builds small graphs with random weights, each layer on the one before unless told otherwise. */
export class NetBuilder {
  readonly layers: Layer[] = [];
  readonly random: Random;

  constructor(
    readonly inputShape: readonly [number, number, number],
    seed: number,
  ) {
    this.random = Random.stream(seed);
  }

  get last(): string {
    return this.layers.at(-1)?.name ?? 'input';
  }

  conv(
    kernel: Pair,
    channelsIn: number,
    channelsOut: number,
    options: Partial<Pick<Conv2dLayer, 'strides' | 'padding' | 'dilations' | 'groups' | 'inputs'>> & {
      bias?: boolean;
    } = {},
  ): string {
    const { bias = true, ...rest } = options;
    return this.push({
      type: 'conv2d',
      kernel: this.weight([...kernel, channelsIn, channelsOut]),
      ...(bias && { bias: this.weight([channelsOut]) }),
      strides: [1, 1],
      padding: 'same',
      ...rest,
    } as Conv2dLayer);
  }

  dense(channelsIn: number, channelsOut: number, bias = true): string {
    return this.push({
      type: 'dense',
      kernel: this.weight([channelsIn, channelsOut]),
      ...(bias && { bias: this.weight([channelsOut]) }),
    } as DenseLayer);
  }

  pool(type: PoolLayer['type'], poolSize: Pair, strides: Pair, padding: Padding): string {
    return this.push({ type, poolSize, strides, padding } as PoolLayer);
  }

  simple(type: 'relu' | 'flatten' | 'globalAveragePool2d' | 'softmax', input?: string): string {
    return this.push({ type, name: '', inputs: input ? [input] : [] });
  }

  dropout(rate: number): string {
    return this.push({ type: 'dropout', name: '', inputs: [], rate });
  }

  join(type: 'add' | 'concat', inputs: readonly string[]): string {
    return this.push({ type, name: '', inputs });
  }

  graph(name = 'small'): LayerGraph {
    return { name, inputShape: this.inputShape, layers: this.layers };
  }

  private weight(shape: readonly number[]) {
    const size = shape.reduce((a, b) => a * b, 1);
    return { shape, values: Float32Array.from({ length: size }, () => this.random.between(-0.7, 0.7)) };
  }

  private push(layer: Layer): string {
    const name = `${layer.type}_${this.layers.length + 1}`;
    this.layers.push({ ...layer, name, inputs: layer.inputs?.length ? layer.inputs : [this.last] });
    return name;
  }
}
