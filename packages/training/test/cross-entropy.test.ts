import { tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { crossEntropyGradient, scoreBatch } from '../src/cross-entropy.ts';
import { onEachBackend } from './backends.ts';

onEachBackend('crossEntropyGradient', () => {
  test('is softmax minus target over the batch size', async () => {
    const logits = tensor2d([0, Math.log(3), 100, 100], [2, 2]);
    const gradient = crossEntropyGradient(logits, [0, 1]);
    const values = await gradient.data();
    [-0.375, 0.375, 0.25, -0.25].forEach((expected, i) => {
      expect(values[i]).toBeCloseTo(expected, 6);
    });
    logits.dispose();
    gradient.dispose();
  });

  test('is zero where smoothed targets are met', async () => {
    const logits = tensor2d([Math.log(0.9), Math.log(0.1)], [1, 2]);
    const gradient = crossEntropyGradient(logits, [0], 0.2);
    for (const value of await gradient.data()) expect(value).toBeCloseTo(0, 6);
    logits.dispose();
    gradient.dispose();
  });
});

describe('scoreBatch', () => {
  test('sums the loss and counts the first of equal scores as the prediction', () => {
    const seen: number[] = [];
    const { loss, correct } = scoreBatch([0, 0, 0, Math.log(3)], [1, 1], 0, (_, predicted) =>
      seen.push(predicted),
    );
    expect(loss).toBeCloseTo(Math.log(2) + Math.log(4 / 3), 12);
    expect(correct).toBe(1);
    expect(seen).toEqual([0, 1]);
  });

  test('takes smoothing into the loss', () => {
    const { loss } = scoreBatch([2, 0], [0], 0.5);
    expect(loss).toBeCloseTo(0.75 * Math.log(1 + Math.exp(-2)) + 0.25 * Math.log(1 + Math.exp(2)), 12);
  });

  test('stays finite for scores that overflow an exponential', () => {
    expect(scoreBatch([1000, -1000], [1]).loss).toBe(2000);
  });
});
