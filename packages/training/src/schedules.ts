import { TrainingError } from './errors.ts';

/**
 * How the learning rate moves over a run.
 *
 * - 'constant': `rate` throughout
 * - 'cosine': from `rate` to `rate / endDivisor` along half a cosine (Loshchilov & Hutter 2017), after a linear
 *   rise over the share `warmup` of the steps
 * - 'oneCycle': from `rate / startDivisor` up to `rate` over the share `warmup` of the steps and down to
 *   `rate / endDivisor`, along half a cosine each (Smith & Topin 2018)
 */
export type Schedule =
  | { readonly type: 'constant'; readonly rate: number }
  | {
      readonly type: 'cosine';
      readonly rate: number;
      /** 0 <= warmup < 1; default 0. */
      readonly warmup?: number;
      /** From 1; default Infinity: down to 0. */
      readonly endDivisor?: number;
    }
  | {
      readonly type: 'oneCycle';
      /** The peak. */
      readonly rate: number;
      /** 0 < warmup < 1; default 0.3. */
      readonly warmup?: number;
      /** From 1; default 25. */
      readonly startDivisor?: number;
      /** From 1; default 10,000. */
      readonly endDivisor?: number;
    };

/**
 * The learning rate of a step.
 *
 * @param step 0..steps-1
 * @param steps of the whole run
 */
export function learningRate(schedule: Schedule, step: number, steps: number): number {
  if (schedule.type === 'constant') return schedule.rate;
  const progress = steps > 1 ? step / (steps - 1) : 1;
  if (schedule.type === 'cosine') {
    const { rate, warmup = 0, endDivisor = Number.POSITIVE_INFINITY } = schedule;
    if (progress < warmup) return (rate * (step + 1)) / (warmup * (steps - 1) + 1);
    return halfCosine(rate, rate / endDivisor, (progress - warmup) / (1 - warmup));
  }
  const { rate, warmup = 0.3, startDivisor = 25, endDivisor = 10_000 } = schedule;
  if (progress < warmup) return halfCosine(rate / startDivisor, rate, progress / warmup);
  return halfCosine(rate, rate / endDivisor, (progress - warmup) / (1 - warmup));
}

function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

/** @throws TrainingError for rates that are not positive and shares and divisors out of range. */
export function checkSchedule(schedule: Schedule): void {
  const { type, rate } = schedule;
  if (!['constant', 'cosine', 'oneCycle'].includes(type)) {
    throw new TrainingError({
      asked: 'schedule: type',
      got: JSON.stringify(type),
      allowed: '"constant", "cosine", "oneCycle"',
    });
  }
  const check = (what: string, value: number, allowed: string, fits: boolean): void => {
    if (!fits) throw new TrainingError({ asked: `${type} schedule: ${what}`, got: String(value), allowed });
  };
  check('rate', rate, 'finite numbers above 0', rate > 0 && rate < Number.POSITIVE_INFINITY);
  if (schedule.type === 'constant') return;
  const { warmup = schedule.type === 'cosine' ? 0 : 0.3, endDivisor = 1 } = schedule;
  const lowest = schedule.type === 'cosine' ? warmup >= 0 : warmup > 0;
  check('warmup', warmup, '0..1, both ends left out but for a cosine of no warmup', lowest && warmup < 1);
  check('endDivisor', endDivisor, 'numbers from 1', endDivisor >= 1);
  if (schedule.type === 'oneCycle') {
    const { startDivisor = 25 } = schedule;
    check('startDivisor', startDivisor, 'numbers from 1', startDivisor >= 1);
  }
}
