import { add, addN, div, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { TrainingError } from './errors.ts';

/**
 * How gradients change weights. Weight decay is decoupled (Loshchilov & Hutter 2019): each step takes
 * rate * weightDecay of a kernel off it, beside the gradient's part; biases do not decay.
 */
export type OptimizerOptions = {
  /** From 0; default 0. */
  readonly weightDecay?: number;
} & (
  | {
      /** Kingma & Ba 2015. */
      readonly type: 'adam';
      /** 0 <= beta1 < 1; default 0.9. */
      readonly beta1?: number;
      /** 0 <= beta2 < 1; default 0.999. */
      readonly beta2?: number;
      /** Above 0; default 1e-8. */
      readonly epsilon?: number;
    }
  | {
      readonly type: 'sgd';
      /** 0 <= momentum < 1; default 0.9. */
      readonly momentum?: number;
    }
);

export interface UpdateStep {
  /** Learning rate of this step. */
  readonly rate: number;
  /** 1 for the first step. */
  readonly step: number;
}

/** The running means that an optimiser keeps for each weight. */
export const MOMENTS: { readonly [T in OptimizerOptions['type']]: number } = { adam: 2, sgd: 1 };

/**
 * One step for one weight. Runs inside the caller's `tidy`.
 *
 * @param moments as many as {@link MOMENTS} says, in the weight's shape, zeros before the first step
 * @param decays whether weight decay applies
 * @returns the new weight and the new moments
 */
export function updateWeight(
  options: OptimizerOptions,
  weight: Tensor,
  gradient: Tensor,
  moments: readonly Tensor[],
  { rate, step }: UpdateStep,
  decays: boolean,
): { weight: Tensor; moments: Tensor[] } {
  const { weightDecay = 0 } = options;
  const shrunk = decays && weightDecay > 0 ? mul(weight, 1 - rate * weightDecay) : weight;
  if (options.type === 'sgd') {
    const { momentum = 0.9 } = options;
    const velocity = add(mul(moments[0]!, momentum), gradient);
    return { weight: sub(shrunk, mul(velocity, rate)), moments: [velocity] };
  }
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const mean = addN([mul(moments[0]!, beta1), mul(gradient, 1 - beta1)]);
  const meanSquare = addN([mul(moments[1]!, beta2), mul(square(gradient), 1 - beta2)]);
  // The bias corrections as scalars, in the rearranged form at the end of section 2 of the paper.
  const correction = Math.sqrt(1 - beta2 ** step);
  const stepSize = (rate * correction) / (1 - beta1 ** step);
  const change = mul(div(mean, add(sqrt(meanSquare), epsilon * correction)), stepSize);
  return { weight: sub(shrunk, change), moments: [mean, meanSquare] };
}

/** @throws TrainingError for an unknown type and factors out of range. */
export function checkOptimizer(options: OptimizerOptions): void {
  if (!Object.hasOwn(MOMENTS, options.type)) {
    throw new TrainingError({
      asked: 'optimizer: type',
      got: JSON.stringify(options.type),
      allowed: '"adam", "sgd"',
    });
  }
  const check = (what: string, value: number, allowed: string, fits: boolean): void => {
    if (!fits) throw new TrainingError({ asked: `${options.type}: ${what}`, got: String(value), allowed });
  };
  const { weightDecay = 0 } = options;
  check(
    'weightDecay',
    weightDecay,
    'finite numbers from 0',
    weightDecay >= 0 && Number.isFinite(weightDecay),
  );
  const factors =
    options.type === 'sgd'
      ? { momentum: options.momentum ?? 0 }
      : { beta1: options.beta1 ?? 0, beta2: options.beta2 ?? 0 };
  for (const [name, value] of Object.entries(factors)) {
    check(name, value, '0 <= x < 1', value >= 0 && value < 1);
  }
  if (options.type === 'adam') {
    const { epsilon = 1e-8 } = options;
    check('epsilon', epsilon, 'finite numbers above 0', epsilon > 0 && Number.isFinite(epsilon));
  }
}
