import { streamFor } from '@clearmaps/random';

/** [low, high]. */
export type Range = readonly [number, number];

/** Random draws of one image. */
export interface Dice {
  /** 32 random bits. */
  bits(): number;
  /** 0 <= x < 1. */
  unit(): number;
  /** Uniform between the ends. */
  between(range: Range): number;
  /** Uniform in the logarithm; both ends > 0. */
  logBetween(range: Range): number;
  /** Nearly normal: the sum of four uniforms, so never further than 3.5 deviations from the mean. */
  normal(mean: number, deviation: number): number;
  /** An integer 0..count-1. */
  integer(count: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  /** An index, drawn in proportion to the weights. */
  weighted(weights: readonly number[]): number;
}

// The sum of four uniforms has the variance 4/12.
const FOUR_UNIFORMS = Math.sqrt(3);

/** The draws that belong to (seed, index), whatever was drawn for other images. */
export function diceFor(seed: number, index: number): Dice {
  const bits = streamFor(seed, index);
  const unit = () => bits() / 2 ** 32;
  const between = ([low, high]: Range) => low + (high - low) * unit();
  const integer = (count: number) => Math.floor(unit() * count);
  return {
    bits,
    unit,
    between,
    integer,
    logBetween: ([low, high]) => low * (high / low) ** unit(),
    normal: (mean, deviation) => mean + deviation * FOUR_UNIFORMS * (unit() + unit() + unit() + unit() - 2),
    chance: (probability) => unit() < probability,
    pick: (values) => values[integer(values.length)]!,
    weighted: (weights) => {
      let left = unit() * weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i]!;
        if (left < 0) return i;
      }
      return weights.findLastIndex((weight) => weight > 0);
    },
  };
}
