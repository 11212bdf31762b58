import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ChangePlan, GraphPlan, readKey } from '../src/graph.ts';
import { createExplainer, LAYER_TYPES, type LayerGraph } from '../src/index.ts';
import { leaksNothing, onEachBackend } from './backends.ts';
import { changeCases, followedTypes } from './change-cases.ts';
import { imagesFor, smallNet } from './small-nets.ts';

const seeds = Array.from({ length: 40 }, (_, i) => i);

onEachBackend((backend) => {
  leaksNothing();
  changeCases(createExplainer, backend === 'webgpu' ? seeds.slice(0, 2) : seeds);
});

it('the random graphs have changes follow through every type of layer', () => {
  expect([...followedTypes(seeds)].sort()).toEqual([...LAYER_TYPES].sort());
});

describe('what a window can reach', () => {
  const weight = (...shape: number[]) => ({
    shape,
    values: new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
  });
  const graph: LayerGraph = {
    name: 'by hand',
    inputShape: [8, 8, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'conv',
        inputs: ['input'],
        kernel: weight(3, 3, 1, 2),
        strides: [1, 1],
        padding: 'same',
      },
      {
        type: 'maxPool2d',
        name: 'pool',
        inputs: ['conv'],
        poolSize: [2, 2],
        strides: [2, 2],
        padding: 'valid',
      },
      {
        type: 'conv2d',
        name: 'scores',
        inputs: ['pool'],
        kernel: weight(1, 1, 2, 3),
        strides: [1, 1],
        padding: 'same',
      },
      { type: 'globalAveragePool2d', name: 'mean', inputs: ['scores'] },
    ],
  };
  const windowsAt = (...corners: number[]) => ({
    height: 2,
    width: 2,
    corners: Int32Array.from(corners),
    values: new Float32Array(),
  });
  const changes = ChangePlan.of(new GraphPlan(graph))!;
  const groupsOf = (...corners: number[]) => changes.groups(windowsAt(...corners));

  it('is 4x4 of the convolution and 3x3 of the pool where it lies on two windows of that', () => {
    const [group] = groupsOf(2, 2);
    expect(group!.share).toBeCloseTo((16 * 18 + 9 * 6) / (64 * 18 + 16 * 6), 12);
    expect(group!.reads.get(readKey('pool', 0))).toMatchObject({ height: 6, width: 6 });
  });

  it('is cut off at the border, beyond which zeros are read', () => {
    const [group] = groupsOf(0, 6);
    expect(group!.share).toBeCloseTo((9 * 18 + 4 * 6) / (64 * 18 + 16 * 6), 12);
    const { rows, height, width } = group!.reads.get(readKey('conv', 0))!;
    expect([height, width]).toEqual([5 - 1 + 1, 5]);
    // 8 * 8 pixels, then zeros, then the lowest number, then the changed window.
    const [zero, changed] = [64, 66];
    expect([...rows([0]).subarray(0, 15)]).toEqual([
      ...[zero, zero, zero, zero, zero],
      ...[4, 5, changed, changed + 1, zero],
      ...[12, 13, changed + 2, changed + 3, zero],
    ]);
  });

  it('puts windows together that reach maps of the same sizes', () => {
    expect(groupsOf(2, 2, 3, 2, 4, 4, 3, 4).map(({ members }) => members)).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it('takes windows at the border with those further inside where they would be few by themselves', () => {
    const corners = [3, 3, 5, 5, 3, 5, 0, 6] as const;
    expect(groupsOf(...corners).map(({ members }) => members)).toEqual([[0, 1, 2], [3]]);
    const together = changes.groups(windowsAt(...corners), 2);
    expect(together.map(({ members }) => members)).toEqual([[0, 1, 2, 3]]);
  });
});

describe('changed windows that do not fit', () => {
  beforeAll(() => tf.setBackend('cpu'));
  const graph = smallNet();
  const image = imagesFor(graph);
  const windows = {
    height: 1,
    width: 2,
    corners: Int32Array.of(0, 0),
    values: new Float32Array(2 * graph.inputShape[2]),
  };
  it.each([
    [{ corners: Int32Array.of(0, graph.inputShape[1] - 1) }, 'a corner at'],
    [{ corners: Int32Array.of(-1, 0) }, 'a corner at -1, 0'],
    [{ height: 0 }, 'windows of 0x2'],
    [{ width: 1000 }, 'windows of 1x1000'],
    [{ values: new Float32Array(1) }, '1 values for 2 coordinates of corners'],
    [{ values: windows.values.map(() => NaN) }, 'NaN at position 0'],
  ])('are refused: %o', async (wrong, got) => {
    const explainer = createExplainer(graph);
    const call = explainer.predictChanges(image, { ...windows, ...wrong });
    await expect(call).rejects.toMatchObject({ name: 'ExplainError', message: expect.stringContaining(got) });
    explainer.dispose();
  });

  it('so are several images, batches of none and a share that is none', async () => {
    const explainer = createExplainer(graph);
    await expect(explainer.predictChanges(imagesFor(graph, 2), windows)).rejects.toThrow('2 images');
    await expect(explainer.predictChanges(image, windows, { batch: 0 })).rejects.toThrow('a batch of 0');
    await expect(explainer.predictChanges(image, windows, { mostShare: -1 })).rejects.toThrow('share of -1');
    explainer.dispose();
  });
});
