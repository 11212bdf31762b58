import { syntheticHouseNumbers } from '@clearmaps/datasets/synthetic';
import type { FreshImages } from './train.ts';
import { TRAIN_DEFAULTS, type TrainOptions } from './train-options.ts';

/** How an SVHN net is trained, by what there is to train on. The bundled one is `drawings`, then `fineTuning`. */
export type HouseNumberRecipe = 'drawings' | 'crops' | 'fineTuning';

/** Small, because a house number is upright and the label is the digit in the middle. */
const JITTER = { shift: 1.5, rotate: 5, scale: 0.1, background: 'edge' } as const;

/**
 * - drawings: synthetic house numbers, which vary enough without augmentation
 * - crops: photographs, from He's initial weights, as in the paper; for the 73,257 of SVHN's training set
 * - fineTuning: a few photographs, from weights that know drawings, with fresh drawings beside them
 */
export const HOUSE_NUMBER_RECIPES: Readonly<Record<HouseNumberRecipe, TrainOptions>> = {
  drawings: {
    ...TRAIN_DEFAULTS,
    epochs: 4,
    schedule: { type: 'oneCycle', rate: 2e-3, warmup: 0.2, startDivisor: 10 },
  },
  crops: {
    ...TRAIN_DEFAULTS,
    epochs: 12,
    schedule: { type: 'oneCycle', rate: 2e-3, warmup: 0.2, startDivisor: 10 },
    augmentation: JITTER,
  },
  fineTuning: {
    ...TRAIN_DEFAULTS,
    epochs: 10,
    schedule: { type: 'oneCycle', rate: 7e-4, warmup: 0.1, startDivisor: 10 },
    augmentation: JITTER,
  },
};

/**
 * Drawings for `train` to put beside photographs, none of them twice in a run, with SVHN's label frequencies.
 *
 * @param count images an epoch, from 1
 * @param seed of the drawings: any integer
 */
export function freshHouseNumbers({ count, seed }: { count: number; seed: number }): FreshImages {
  return {
    name: `synthetic-house-numbers, seed ${seed}, labels svhn`,
    count,
    make: (epoch) => syntheticHouseNumbers({ count, seed, from: (epoch - 1) * count, labels: 'svhn' }),
  };
}
