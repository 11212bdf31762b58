import type { Conv2dLayer, LayerGraph } from '@clearmaps/deconvnet';
import { GraphError } from '@clearmaps/deconvnet';
import { describe, expect, it } from 'vitest';
import { mnistNet, svhnNet, vggNet } from '../src/index.ts';

/** The rows of the appendix, as the paper prints them. */
const TABLES = {
  'Table 2': {
    net: mnistNet,
    rows: '3x3x32 3x3x32 3x3x32 3x3x32 pool 3x3x64 1x1x10',
    inputShape: [28, 28, 1],
    channels: 'gray',
  },
  'Table 3': {
    net: svhnNet,
    rows: '3x3x32 3x3x32 3x3x32 pool 3x3x64 3x3x64 3x3x64 pool 3x3x128 1x1x128 1x1x10',
    inputShape: [32, 32, 3],
    channels: 'rgb',
  },
  'Table 4': {
    net: vggNet,
    rows:
      '3x3x64 3x3x64 pool 3x3x128 3x3x128 pool 3x3x256 3x3x256 3x3x256 pool 3x3x512 3x3x512 3x3x512 pool ' +
      '3x3x512 3x3x512 3x3x512 pool 3x3x512 1x1x512 1x1x10',
    inputShape: [224, 224, 3],
    channels: 'bgr',
  },
} as const;

const convs = (graph: LayerGraph) =>
  graph.layers.filter((layer): layer is Conv2dLayer => layer.type === 'conv2d');

describe.each(Object.entries(TABLES))('%s', (_, { net, rows, inputShape, channels }) => {
  const graph = net();

  it('has the rows of the paper in their order', () => {
    const printed = graph.layers.flatMap((layer) => {
      if (layer.type === 'maxPool2d') return ['pool'];
      if (layer.type !== 'conv2d') return [];
      const [kh, kw, , kernels] = layer.kernel.shape;
      return [`${kh}x${kw}x${kernels}`];
    });
    expect(printed.join(' ')).toBe(rows);
  });

  it('feeds every layer from the one before, with channels that fit', () => {
    let previous = 'input';
    let depth: number = graph.inputShape[2];
    for (const layer of graph.layers) {
      expect(layer.inputs).toEqual([previous]);
      previous = layer.name;
      if (layer.type !== 'conv2d') continue;
      expect(layer.kernel.shape[2]).toBe(depth);
      expect(layer.kernel.values.length).toBe(layer.kernel.shape.reduce((a, b) => a * b, 1));
      depth = layer.kernel.shape[3]!;
      expect(layer.bias?.shape).toEqual([depth]);
    }
    expect(new Set(graph.layers.map((layer) => layer.name)).size).toBe(graph.layers.length);
    expect(graph.inputShape).toEqual(inputShape);
  });

  it('puts a ReLU after every convolution but the last, then averages and softmax', () => {
    const types = graph.layers.map((layer) => layer.type);
    expect(types.slice(-3)).toEqual(['conv2d', 'globalAveragePool2d', 'softmax']);
    for (const [i, type] of types.slice(0, -3).entries()) {
      if (type === 'conv2d') expect(types[i + 1]).toBe('relu');
    }
    expect(types.filter((type) => type === 'relu').length).toBe(convs(graph).length - 1);
  });

  it('names ten classes and says how bytes become its input', () => {
    expect(graph.classNames).toHaveLength(10);
    expect(graph.preprocessing?.channels).toBe(channels);
    expect(graph.preprocessing?.mean).toHaveLength(inputShape[2]);
  });
});

describe('initial weights', () => {
  it('follow He: mean 0 and standard deviation sqrt(2 / fan-in), as a normal distribution', () => {
    for (const { kernel, bias } of convs(svhnNet({ seed: 5 })).slice(1)) {
      const [kh, kw, cin] = kernel.shape as [number, number, number];
      const std = Math.sqrt(2 / (kh * kw * cin));
      const n = kernel.values.length;
      const mean = kernel.values.reduce((sum, w) => sum + w, 0) / n;
      const variance = kernel.values.reduce((sum, w) => sum + w * w, 0) / n;
      const within = kernel.values.filter((w) => Math.abs(w) < std).length / n;
      // Five standard errors of each estimate.
      expect(Math.abs(mean)).toBeLessThan((5 * std) / Math.sqrt(n));
      expect(Math.abs(variance / std ** 2 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
      expect(Math.abs(within - 0.6827)).toBeLessThan(5 * Math.sqrt((0.6827 * 0.3173) / n));
      expect(bias?.values.every((b) => b === 0)).toBe(true);
    }
  });

  it('are the same for the same seed and differ for another', () => {
    const first = (seed: number) => convs(mnistNet({ seed }))[0]!.kernel.values;
    expect(first(3)).toEqual(first(3));
    expect(first(3)).not.toEqual(first(4));
    expect(mnistNet()).toEqual(mnistNet({ seed: 0 }));
  });

  it('of two layers of one net differ', () => {
    const [, second, third] = convs(mnistNet());
    expect(second!.kernel.values).not.toEqual(third!.kernel.values);
  });
});

describe('options', () => {
  it('take other inputs and classes', () => {
    const graph = mnistNet({ inputShape: [12, 9, 1], classNames: ['cat', 'dog', 'owl'] });
    expect(graph.inputShape).toEqual([12, 9, 1]);
    expect(convs(graph).at(-1)!.kernel.shape).toEqual([1, 1, 64, 3]);
  });

  it('refuse inputs that pooling would shrink to nothing', () => {
    expect(() => vggNet({ inputShape: [31, 224, 3] })).toThrow(/\[31, 224, 3\].*at least 32/);
    expect(() => mnistNet({ inputShape: [28, 28.5, 1] })).toThrow(GraphError);
  });

  it('refuse a preprocessing for other channels, no classes and a broken seed', () => {
    expect(() => mnistNet({ inputShape: [28, 28, 3] })).toThrow(/preprocessing for 3 channels/);
    expect(() => mnistNet({ classNames: [] })).toThrow(/classNames/);
    expect(() => mnistNet({ seed: Number.NaN })).toThrow(/seed: got NaN/);
  });
});
