import { INPUT, type Layer, type LayerGraph } from '@clearmaps/deconvnet/graph';

/** Beside 1, float32 does not see it: its numbers there lie 2^-23 apart. */
const TINY = 2 ** -30;

/** A 1x1 convolution whose value is the sum of three channels: in which order, it is TINY off to float32. */
const sum: Layer = {
  type: 'conv2d',
  name: 'sum',
  inputs: [INPUT],
  kernel: { shape: [1, 1, 3, 1], values: Float32Array.of(1, 1, 1) },
  strides: [1, 1],
  padding: 'valid',
};

/** Classes 0 and 1 with the weights 1 and -1, over what a layer gives of the sums of 2x2 pixels. */
export function nearTieNet(layer: Layer): LayerGraph {
  return {
    name: layer.type,
    inputShape: [2, 2, 3],
    layers: [
      sum,
      layer,
      {
        type: 'conv2d',
        name: 'scores',
        inputs: [layer.name],
        kernel: { shape: [1, 1, 1, 2], values: Float32Array.of(1, -1) },
        strides: [1, 1],
        padding: 'valid',
      },
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['scores'] },
    ],
  };
}

const of = <T extends Layer['type']>(type: T) => ({ type, name: 'decides', inputs: ['sum'] }) as const;
const pool = { ...of('maxPool2d'), poolSize: [2, 2], padding: 'valid' } as const;

/** What a layer receives pixel by pixel, as three channels to add up, and the pixels that its slope or switch lets through. */
export const nearTies: { layer: Layer; pixels: readonly number[][]; passes: readonly number[] }[] = [
  {
    layer: of('relu'),
    pixels: [
      [1, TINY, -1],
      [-1, TINY, 1],
      [1, -TINY, -1],
      [TINY, -1, 1],
    ],
    passes: [1, 1, 0, 1],
  },
  {
    layer: { ...of('leakyRelu'), alpha: 0.25 },
    pixels: [
      [1, -TINY, -1],
      [-1, TINY, 1],
      [-1, -TINY, 1],
      [TINY, -1, 1],
    ],
    passes: [0.25, 1, 0.25, 1],
  },
  {
    layer: of('relu6'),
    pixels: [
      [4, 2, -TINY],
      [-TINY, 2, 4],
      [4, 2, TINY],
      [4, TINY, -4],
    ],
    passes: [1, 1, 0, 1],
  },
  {
    // Side by side.
    layer: { ...pool, strides: [2, 2] },
    pixels: [
      [1, 0, 0],
      [1, TINY / 2, 0],
      [1, TINY, 0],
      [1, TINY / 2, 0],
    ],
    passes: [0, 0, 1, 0],
  },
  {
    // By place in the window.
    layer: { ...pool, strides: [1, 1] },
    pixels: [
      [1, 0, 0],
      [1, 0, TINY],
      [1, 0, 0],
      [1, 0, TINY],
    ],
    passes: [0, 1, 0, 0],
  },
];

/**
 * Of class 0, which has the weight 1, then of class 1, which has -1, under the rule 'gradient' with a unit seed. The
 * kernel of the sum is 1, so that a response has the same in its three channels.
 */
export function nearTieResponses(passes: readonly number[]): number[] {
  return [1, -1].flatMap((weight) => passes.flatMap((passed) => Array<number>(3).fill(weight * passed + 0)));
}
