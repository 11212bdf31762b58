import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { MapSums } from '../src/change-bases.ts';
import { type Box, ChangePlan, DifferentVariants, readKey, UNCHANGED } from '../src/changes.ts';
import { GraphPlan } from '../src/graph.ts';
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
  const boxesAt = (size: number, corners: readonly number[]): Box[] =>
    Array.from({ length: corners.length / 2 }, (_, i) => {
      return { top: corners[2 * i]!, left: corners[2 * i + 1]!, height: size, width: size };
    });
  const whole = (boxes: readonly Box[]) => ({ boxes, windows: boxes });
  const changes = ChangePlan.of(new GraphPlan(graph))!;
  const groupsOf = (...corners: number[]) => changes.groups(whole(boxesAt(2, corners)));

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
    const together = changes.groups(whole(boxesAt(2, corners)), 2);
    expect(together.map(({ members }) => members)).toEqual([[0, 1, 2, 3]]);
  });

  it('takes what differs little as the whole window where there are few of it', () => {
    const windows = boxesAt(2, [2, 2, 4, 4, 2, 4]);
    const boxes = [windows[0]!, windows[1]!, { top: 2, left: 5, height: 1, width: 1 }];
    const sizesOf = (few: number) =>
      changes.groups({ boxes, windows }, few).map((group) => group.members.map((m) => group.box(m)));
    expect(sizesOf(1)).toEqual([[boxes[0], boxes[1]], [boxes[2]]]);
    expect(sizesOf(2)).toEqual([[boxes[0], boxes[1], windows[2]]]);
  });

  it('leaves the rest of a mean as it was', () => {
    const map = Float32Array.from({ length: 4 * 5 * 2 }, (_, i) => ((i * 7) % 11) - 5);
    const boxes = [
      { top: 1, left: 2, height: 2, width: 3 },
      { top: 0, left: 0, height: 4, width: 5 },
    ];
    const outside = (box: Box, channel: number): number => {
      let sum = 0;
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 5; x++) {
          const inside =
            y >= box.top && y < box.top + box.height && x >= box.left && x < box.left + box.width;
          if (!inside) sum += map[(y * 5 + x) * 2 + channel]!;
        }
      return Math.fround(sum / 20);
    };
    expect([...new MapSums(map, [4, 5, 2]).meansOutside(boxes)]).toEqual(
      boxes.flatMap((box) => [outside(box, 0), outside(box, 1)]),
    );
  });
});

describe('what differs in changed windows', () => {
  // 4x4, one channel: a stroke down the second column.
  const image = Float32Array.from({ length: 16 }, (_, i) => (i % 4 === 1 ? 1 : 0));
  const covered = (...corners: number[]) =>
    new DifferentVariants([4, 4, 1], image, {
      height: 2,
      width: 2,
      corners: Int32Array.from(corners),
      values: new Float32Array(corners.length * 2),
    });

  it('is the smallest box, and nothing where a window holds what the image has there', () => {
    const variants = covered(0, 0, 0, 2, 2, 1);
    expect([...variants.of]).toEqual([0, UNCHANGED, 1]);
    expect([variants.count, variants.unchanged]).toEqual([2, 1]);
    expect(variants.boxes).toEqual([
      { top: 0, left: 1, height: 2, width: 1 },
      { top: 2, left: 1, height: 2, width: 1 },
    ]);
    expect(variants.windows[1]).toEqual({ top: 2, left: 1, height: 2, width: 2 });
    expect([...variants.values([1], [variants.windows[1]!])]).toEqual([0, 0, 0, 0]);
    expect([...variants.wholeImages([1])]).toEqual([...image.subarray(0, 8), ...new Float32Array(8)]);
  });

  it('is one variant where two windows leave the same picture', () => {
    const variants = covered(1, 0, 1, 1, 2, 0);
    expect([...variants.of]).toEqual([0, 0, 1]);
    expect(variants.boxes).toHaveLength(2);
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
