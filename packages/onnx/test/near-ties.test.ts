import { INPUT, type Layer, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { describe, expect, it } from 'vitest';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { runModel } from './run-model.ts';

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
function netOf(layer: Layer): LayerGraph {
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
const cases: { layer: Layer; pixels: readonly number[][]; passes: readonly number[] }[] = [
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

describe.each(cases)('a near-tie of $layer.type', ({ layer, pixels, passes }) => {
  const graph = netOf(layer);
  const image = Float32Array.from(pixels.flat());
  // The kernel of the sum is 1: a response has the same in all channels.
  const responses = [1, -1].flatMap((weight) => passes.flatMap((passed) => Array(3).fill(weight * passed)));
  const options = { rule: 'gradient', seed: 'unit', responses: true } as const;

  it('is decided by float64, at once, in turns and in a file', async () => {
    const explainer = await createNativeExplainer(graph, { forward: 'float64' });
    for (const memoryBudget of [undefined, 1]) {
      const found = await explainer.explain(image, { ...options, memoryBudget });
      expect(Array.from(found.responses!, (value) => value + 0)).toEqual(responses.map((value) => value + 0));
    }
    await explainer.dispose();
    const { bytes } = compileOnnx(graph, { ...options, forward: 'float64' });
    const file = await runModel(bytes, image, graph.inputShape);
    expect(Array.from(file.responses!.data as Float32Array, (value) => value + 0)).toEqual(
      responses.map((value) => value + 0),
    );
  });

  it('is one: float32 decides otherwise', async () => {
    const explainer = await createNativeExplainer(graph);
    const found = await explainer.explain(image, options);
    await explainer.dispose();
    expect(Array.from(found.responses!, (value) => value + 0)).not.toEqual(
      responses.map((value) => value + 0),
    );
  });
});
