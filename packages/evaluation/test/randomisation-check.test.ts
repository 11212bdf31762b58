import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { mnistNet } from '@clearmaps/models';
import { createNativeExplainer } from '@clearmaps/onnx';
import { mulberry32 } from '@clearmaps/random';
import { expect, test } from 'vitest';
import { labelRandomisation, modelRandomisation, randomisedGraph, weightedLayers } from '../src/index.ts';
import { linearNet } from './linear-net.ts';

const SMALL: LayerGraph = mnistNet({ seed: 3, inputShape: [8, 8, 1] });
const images = { values: Float32Array.from({ length: 3 * 64 }, (_, i) => (i * 37) % 11), classes: [0, 4, 4] };

test('a randomised graph keeps its shape, and the weights of the layers not named', () => {
  const before = weightedLayers(SMALL);
  expect(before).toHaveLength(6);
  const { layers } = randomisedGraph(SMALL, mulberry32(1), [before[5]!]);
  layers.forEach((layer, i) => {
    const old = SMALL.layers[i]!;
    if (!('kernel' in layer && 'kernel' in old)) return;
    expect(layer.kernel.shape).toEqual(old.kernel.shape);
    expect(layer.kernel.values === old.kernel.values).toBe(layer.name !== before[5]);
  });
});

test('maps that know nothing of the weights stay the same through the whole cascade', async () => {
  const constant = { ...linearNet([new Array(64).fill(0).map((_, p) => p % 7)]), dispose: () => {} };
  const only = { ...images, classes: [0, 0, 0] };
  const steps = await modelRandomisation(constant, SMALL, only, {
    open: async () => constant,
    next: mulberry32(1),
  });
  expect(steps.map(({ layer }) => layer)).toEqual(weightedLayers(SMALL).reverse());
  for (const { similarity } of steps) expect(similarity).toBeCloseTo(1, 12);
});

test('the gradient of a real net is told from that of a random one, more so the deeper the cascade', async () => {
  const net = await createNativeExplainer(SMALL);
  const steps = await modelRandomisation(net, SMALL, images, {
    open: createNativeExplainer,
    next: mulberry32(1),
    rule: 'gradient',
  });
  expect(steps).toHaveLength(6);
  expect(Math.abs(steps.at(-1)!.similarity)).toBeLessThan(0.3);
  await net.dispose();
});

test('a net is wholly like itself, and refuses one of other classes', async () => {
  const net = linearNet([new Array(64).fill(0).map((_, p) => p % 5)]);
  const only = { ...images, classes: [0, 0, 0] };
  expect(await labelRandomisation(net, net, only)).toBeCloseTo(1, 12);
  const reversed = linearNet([new Array(64).fill(0).map((_, p) => -(p % 5))]);
  expect(await labelRandomisation(net, reversed, only)).toBeCloseTo(-1, 12);
  const two = linearNet([new Array(64).fill(1), new Array(64).fill(1)]);
  await expect(labelRandomisation(net, two, only)).rejects.toThrow(/nets of 1 and 2 classes/);
});
