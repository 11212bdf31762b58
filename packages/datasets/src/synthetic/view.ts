import type { Dice, Range } from './dice.ts';
import type { NumberLayout } from './number-layout.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';

/** From crop coordinates (-0.5..0.5, v downwards) to the wall. */
export interface View {
  /** [a, b, c, d]: wall x = a u + b v, wall y = c u + d v, both divided by 1 + pu u + pv v. */
  readonly matrix: readonly [number, number, number, number];
  readonly shiftU: number;
  readonly shiftV: number;
  readonly perspectiveU: number;
  readonly perspectiveV: number;
  /** Digit heights to the crop's side. */
  readonly scale: number;
}

const { view: VIEW } = HOUSE_NUMBER_PARAMETERS;

/** How a passer-by's camera sees the number. */
export function drawView(dice: Dice, number: NumberLayout): View {
  const bell = ({ mean, deviation }: { mean: number; deviation: number }) => dice.normal(mean, deviation);
  return viewOf(number, {
    height: within(bell(VIEW.digitHeight), VIEW.digitHeight.within),
    turn: bell(dice.chance(VIEW.askewShare) ? VIEW.askewTurn : VIEW.turn),
    slant: bell(VIEW.slant),
    foreshortening: within(bell(VIEW.foreshortening), VIEW.foreshortening.within),
    shift: [bell(dice.chance(VIEW.carelessShare) ? VIEW.carelessShift : VIEW.shift), bell(VIEW.shift)],
    perspective: [bell(VIEW.perspective), bell(VIEW.perspective)],
  });
}

/** Upright, from the front, the digit in the middle. */
export function frontView(number: NumberLayout): View {
  return viewOf(number, {
    height: 0.8,
    turn: 0,
    slant: 0,
    foreshortening: 1,
    shift: [0, 0],
    perspective: [0, 0],
  });
}

interface ViewDraw {
  readonly height: number;
  readonly turn: number;
  readonly slant: number;
  readonly foreshortening: number;
  readonly shift: readonly [number, number];
  readonly perspective: readonly [number, number];
}

function viewOf(number: NumberLayout, draw: ViewDraw): View {
  const { height, turn, slant, foreshortening, shift, perspective } = draw;
  // SVHN's crop is the longer side of the digit's box.
  const width = 2 * number.digits[0]!.halfWidth * foreshortening;
  const scale = Math.max(1, width) / height;
  const cosine = Math.cos(turn) * scale;
  const sine = Math.sin(turn) * scale;
  return {
    // Undo the turn, then y = -down, then x = right / foreshortening - slant * y.
    matrix: [cosine / foreshortening - slant * sine, sine / foreshortening + slant * cosine, sine, -cosine],
    shiftU: shift[0],
    shiftV: shift[1],
    perspectiveU: 2 * perspective[0],
    perspectiveV: 2 * perspective[1],
    scale,
  };
}

function within(value: number, [low, high]: Range): number {
  return Math.min(high, Math.max(low, value));
}
