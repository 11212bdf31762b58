import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { TrainingError } from './errors.ts';

/**
 * One step of the exponential moving average of a weight: d times the average and 1 - d times the weight. The steps
 * of a noisy gradient wander about a minimum; their average lies nearer to it (Polyak & Juditsky 1992; in this form
 * Tarvainen & Valpola 2017). Runs inside the caller's `tidy`.
 *
 * @param decay where d ends; it begins at 2/11 and follows (1 + step) / (10 + step) until then, as in TensorFlow's
 *   ExponentialMovingAverage, so that the first weights are soon forgotten
 * @param step 1 for the first
 */
export function updateAverage(average: Tensor, weight: Tensor, decay: number, step: number): Tensor {
  const d = Math.min(decay, (1 + step) / (10 + step));
  return add(mul(average, d), mul(weight, 1 - d));
}

/** @throws TrainingError for a decay out of range. */
export function checkAverageDecay(decay: number): void {
  if (decay >= 0 && decay < 1) return;
  throw new TrainingError({ asked: 'training: averageWeights', got: String(decay), allowed: '0 <= x < 1' });
}
