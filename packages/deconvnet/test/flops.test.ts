import { describe, expect, test } from 'vitest';
import {
  denseSweepFlops,
  forwardFlops,
  GraphPlan,
  INPUT,
  type Layer,
  largestConvolution,
  layerFlops,
  sweepFlops,
} from '../src/graph.ts';
import { smallNet } from './small-nets.ts';

// 8x7x3, conv 3x3 to 5, pool 'same' to 4x4, conv 3x3 to 6, conv 1x1 to 4 classes.
const CONV_1 = 2 * 8 * 7 * 9 * 3 * 5;
const CONV_2 = 2 * 4 * 4 * 9 * 5 * 6;
const SCORES = 2 * 4 * 4 * 6 * 4;
const plan = new GraphPlan(smallNet());

describe('floating-point operations, counted by hand', () => {
  test('of each layer: two a multiply-add, none for what multiplies no weights', () => {
    const counts = Object.fromEntries(
      plan.graph.layers.map((layer) => [layer.name, layerFlops(plan, layer)]),
    );
    expect(counts).toEqual({
      conv_1: CONV_1,
      relu_1: 0,
      pool: 0,
      conv_2: CONV_2,
      relu_2: 0,
      scores: SCORES,
      gap: 0,
      softmax: 0,
    });
  });

  test('of a strided convolution without padding: by its outputs', () => {
    const conv: Layer = {
      type: 'conv2d',
      name: 'strided',
      inputs: [INPUT],
      kernel: { shape: [3, 2, 3, 4], values: new Float32Array(72) },
      strides: [2, 1],
      padding: 'valid',
    };
    const strided = new GraphPlan({ name: 'strided', inputShape: [7, 5, 3], layers: [conv, gap('strided')] });
    // 3 x 4 outputs.
    expect(forwardFlops(strided)).toBe(2 * 3 * 4 * 72);
  });

  test('of a dense layer: its weights', () => {
    const dense: Layer = {
      type: 'dense',
      name: 'scores',
      inputs: ['flat'],
      kernel: { shape: [12, 3], values: new Float32Array(36) },
    };
    const flat: Layer = { type: 'flatten', name: 'flat', inputs: [INPUT] };
    const net = new GraphPlan({ name: 'dense', inputShape: [2, 3, 2], layers: [flat, dense] });
    expect(forwardFlops(net)).toBe(72);
    expect(denseSweepFlops(net)).toBe(72);
    // The way back is a row of the kernel.
    expect(sweepFlops(net)).toBe(0);
    expect(largestConvolution(net)).toBeUndefined();
  });

  test('of all layers and of a dense way back, which are equal where no layer stands beside it', () => {
    expect(forwardFlops(plan)).toBe(CONV_1 + CONV_2 + SCORES);
    expect(denseSweepFlops(plan)).toBe(CONV_1 + CONV_2 + SCORES);
  });

  test('the largest convolution is the one that costs most', () => {
    expect(largestConvolution(plan)?.name).toBe('conv_1');
  });
});

describe('the way back as it is really gone', () => {
  test('the last 1x1 convolution costs nothing, the one before it one of its six channels', () => {
    expect(sweepFlops(plan, { rule: 'deconvnet' })).toBe(CONV_1 + CONV_2 / 6);
  });

  test.each([
    ['a rule that masks', { rule: 'guided' }],
    ['a seed with signs, where ReLUs rectify', { rule: 'deconvnet', seed: 'activation' }],
  ] as const)('%s ends the cheap part at the ReLU', (_what, work) => {
    expect(sweepFlops(plan, work)).toBe(CONV_1 + CONV_2);
  });

  test('a seed with signs passes the ReLU where the rule leaves it alone', () => {
    expect(sweepFlops(plan, { rule: 'linear', seed: 'activation' })).toBe(CONV_1 + CONV_2 / 6);
  });

  test('channels of the image that are summed count once', () => {
    expect(sweepFlops(plan, { rule: 'deconvnet', sumsImage: true })).toBe(CONV_1 / 3 + CONV_2 / 6);
  });
});

function gap(input: string): Layer {
  return { type: 'globalAveragePool2d', name: 'gap', inputs: [input] };
}
