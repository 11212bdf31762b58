import { mulberry32 } from '@clearmaps/random';
import type { Dice } from './dice.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';

/** Brightness of a surface at wall coordinates (x, y), about -1..1. */
export type Pattern = (x: number, y: number) => number;

const SIDE = 64;
const WRAP = SIDE - 1;
/** [64, 64] fixed random heights, -1..1: value noise (Perlin's lattice noise without gradients) reads between them. */
const lattice = (() => {
  const next = mulberry32(0x5eed);
  return Float32Array.from({ length: SIDE * SIDE }, () => next() / 2 ** 31 - 1);
})();

/** Smooth noise that repeats every 64 units. */
export function noiseAt(x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const sx = fx * fx * (3 - 2 * fx);
  const sy = fy * fy * (3 - 2 * fy);
  const c0 = column & WRAP;
  const c1 = (column + 1) & WRAP;
  const r0 = (row & WRAP) * SIDE;
  const r1 = ((row + 1) & WRAP) * SIDE;
  const low = lattice[r0 + c0]! + (lattice[r0 + c1]! - lattice[r0 + c0]!) * sx;
  const high = lattice[r1 + c0]! + (lattice[r1 + c1]! - lattice[r1 + c0]!) * sx;
  return low + (high - low) * sy;
}

/** Blotches: two octaves of noise, `frequency` to the digit's height. */
export function mottled(dice: Dice, frequency: number): Pattern {
  const ox = dice.between([0, SIDE]);
  const oy = dice.between([0, SIDE]);
  return (x, y) => {
    const u = ox + x * frequency;
    const v = oy + y * frequency;
    return noiseAt(u, v) + 0.5 * noiseAt(2 * u, 2 * v);
  };
}

function bricks(dice: Dice): Pattern {
  const height = dice.between([0.22, 0.7]);
  const length = height * dice.between([2.2, 3.6]);
  const joint = dice.between([0.03, 0.07]);
  const mortar = dice.between([-1.2, 1.2]);
  const ox = dice.between([0, 99]);
  const oy = dice.between([0, 99]);
  return (x, y) => {
    const row = Math.floor((y + oy) / height);
    const along = x + ox + (row & 1 ? length / 2 : 0);
    const column = Math.floor(along / length);
    const inJoint = y + oy - row * height < joint || along - column * length < joint;
    return inJoint ? mortar : 0.6 * lattice[((row & WRAP) * SIDE + (column & WRAP)) | 0]!;
  };
}

function boards(dice: Dice): Pattern {
  const period = dice.between([0.35, 1.3]);
  const gap = dice.between([0.03, 0.1]) / period;
  const slope = dice.between([-0.8, 0.8]);
  const offset = dice.between([0, 9]);
  return (_, y) => {
    const phase = (y + offset) / period - Math.floor((y + offset) / period);
    return phase < gap ? -1.3 : slope * (phase - 0.5);
  };
}

function wood(dice: Dice): Pattern {
  const grain = mottled(dice, 1);
  const across = dice.between([5, 12]);
  return (x, y) => grain(0.5 * x, across * y);
}

const MAKERS: Record<
  keyof typeof HOUSE_NUMBER_PARAMETERS.background.patternWeights,
  (dice: Dice) => Pattern
> = {
  plain: () => () => 0,
  mottled: (dice) => mottled(dice, dice.logBetween([0.4, 3])),
  bricks,
  boards,
  wood,
  stucco: (dice) => mottled(dice, dice.between([7, 14])),
};

/** One of the wall patterns, upright or lying. */
export function wallPattern(dice: Dice): Pattern {
  const weights = HOUSE_NUMBER_PARAMETERS.background.patternWeights;
  const kinds = Object.keys(weights) as (keyof typeof weights)[];
  const pattern = MAKERS[kinds[dice.weighted(Object.values(weights))]!](dice);
  return dice.chance(0.25) ? (x, y) => pattern(y, x) : pattern;
}
