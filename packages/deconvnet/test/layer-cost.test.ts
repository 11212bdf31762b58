import { describe, expect, it } from 'vitest';
import { INPUT, type Layer, layerCost } from '../src/graph.ts';

const weight = (...shape: number[]) => ({
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const base = { name: 'layer', inputs: [INPUT] };

describe('what a layer costs, counted by hand', () => {
  it.each<[string, Layer, number[], number, number]>([
    [
      'a convolution',
      {
        ...base,
        type: 'conv2d',
        kernel: weight(3, 3, 2, 4),
        bias: weight(4),
        strides: [2, 2],
        padding: 'same',
      },
      [5, 6, 4],
      76,
      30 * 72,
    ],
    [
      'a depthwise convolution',
      { ...base, type: 'conv2d', kernel: weight(3, 3, 1, 8), strides: [1, 1], padding: 'same', groups: 8 },
      [2, 2, 8],
      72,
      4 * 72,
    ],
    ['a dense layer', { ...base, type: 'dense', kernel: weight(7, 3), bias: weight(3) }, [3], 24, 21],
    [
      'batch normalisation',
      { ...base, type: 'affine', scale: weight(5), shift: weight(5) },
      [2, 2, 5],
      10,
      0,
    ],
    ['a ReLU', { ...base, type: 'relu' }, [2, 2, 5], 0, 0],
  ])('%s', (_, layer, output, parameters, multiplyAdds) => {
    expect(layerCost(layer, output)).toEqual({ parameters, multiplyAdds });
  });
});
