import { type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { checkOptimizer, MOMENTS, type OptimizerOptions, updateWeight } from '../src/optimizers.ts';
import { onEachBackend } from './backends.ts';

/** The weight after each step with these gradients, from 1 and -2. */
function run(options: OptimizerOptions, gradients: readonly [number, number][], rate: number, decays = true) {
  return tidy(() => {
    let weight: Tensor = tensor1d([1, -2]);
    let moments: Tensor[] = Array.from({ length: MOMENTS[options.type] }, () => tensor1d([0, 0]));
    return gradients.map((gradient, i) => {
      const step = { rate, step: i + 1 };
      ({ weight, moments } = updateWeight(options, weight, tensor1d(gradient), moments, step, decays));
      return [...weight.dataSync()];
    });
  });
}

function expectSteps(got: readonly number[][], expected: readonly number[][]): void {
  expected.forEach((weights, step) => {
    weights.forEach((weight, i) => {
      expect(got[step]![i]).toBeCloseTo(weight, 5);
    });
  });
}

onEachBackend('optimisers', () => {
  test('Adam: the first step has the size of the rate, the next follow the means by hand', () => {
    const got = run(
      { type: 'adam' },
      [
        [0.5, -4],
        [0.1, 0],
      ] as [number, number][],
      0.1,
    );
    // Step 2, first weight: m = 0.9 * 0.05 + 0.01 = 0.055, v = 0.999 * 0.00025 + 0.00001 = 0.00025975;
    // corrected by 0.19 and 0.001999: 0.289474 / sqrt(0.12994) = 0.803044.
    // Second: m = -0.36, v = 0.015984: -1.894737 / sqrt(7.995998) = -0.670061.
    expectSteps(got, [
      [0.9, -1.9],
      [0.9 - 0.0803044, -1.9 + 0.0670061],
    ]);
  });

  test('SGD: momentum gathers speed', () => {
    const got = run(
      { type: 'sgd', momentum: 0.5 },
      [
        [1, 2],
        [1, 0],
      ] as [number, number][],
      0.1,
    );
    expectSteps(got, [
      [0.9, -2.2],
      [0.9 - 0.15, -2.2 - 0.1],
    ]);
  });

  test('weight decay takes its share off kernels, beside the gradient, and leaves biases', () => {
    const options: OptimizerOptions = { type: 'adam', weightDecay: 0.5 };
    expectSteps(run(options, [[0, 0]], 0.1), [[0.95, -1.9]]);
    expectSteps(run(options, [[0, 0]], 0.1, false), [[1, -2]]);
  });
});

describe('optimiser options', () => {
  test.each<[string, unknown]>([
    ['type', { type: 'lion' }],
    ['beta1', { type: 'adam', beta1: 1 }],
    ['beta2', { type: 'adam', beta2: Number.NaN }],
    ['epsilon', { type: 'adam', epsilon: 0 }],
    ['momentum', { type: 'sgd', momentum: -0.1 }],
    ['weightDecay', { type: 'sgd', weightDecay: -1 }],
  ])('refuse a %s out of range', (name, options) => {
    expect(() => checkOptimizer(options as OptimizerOptions)).toThrow(new RegExp(`${name}: got`));
  });
});
