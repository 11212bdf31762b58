import type { Dice } from './dice.ts';
import { type Colour, groundColour, inkColour } from './house-colours.ts';
import type { NumberLayout } from './number-layout.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';

/** A rounded board behind digits. */
export interface Plate {
  readonly colour: Colour;
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
  readonly radius: number;
  readonly rim: { readonly colour: Colour; readonly inset: number; readonly width: number } | null;
}

/** A straight line: points with |x nx + y ny - distance| < halfWidth belong to it. */
export interface Bar {
  readonly nx: number;
  readonly ny: number;
  readonly distance: number;
  readonly halfWidth: number;
  readonly colour: Colour;
}

const { background: BACKGROUND } = HOUSE_NUMBER_PARAMETERS;

/** One plate for the number, a tile for each digit, or none. */
export function drawPlates(dice: Dice, number: NumberLayout): Plate[] {
  const colour = groundColour(dice);
  const roundness = dice.chance(0.4) ? 0 : dice.between(BACKGROUND.plateRoundness);
  const marginX = dice.between(BACKGROUND.plateMarginX);
  const marginY = dice.between(BACKGROUND.plateMarginY);
  const rim = dice.chance(BACKGROUND.plateRimShare)
    ? {
        colour: inkColour(dice, colour),
        inset: dice.between(BACKGROUND.rimInset),
        width: dice.between(BACKGROUND.rimWidth),
      }
    : null;
  const around = (left: number, right: number, bottom: number, top: number): Plate => {
    const halfWidth = (right - left) / 2 + marginX;
    const halfHeight = (top - bottom) / 2 + marginY;
    const radius = roundness * Math.min(halfWidth, halfHeight) * 0.5;
    return { colour, x: (left + right) / 2, y: (bottom + top) / 2, halfWidth, halfHeight, radius, rim };
  };
  if (dice.chance(BACKGROUND.plateShare)) {
    return [around(number.left, number.right, number.bottom, number.top)];
  }
  if (!dice.chance(BACKGROUND.tileShare / (1 - BACKGROUND.plateShare))) return [];
  return number.digits.map(({ x, y, halfWidth, halfHeight }) =>
    around(x - halfWidth, x + halfWidth, y - halfHeight, y + halfHeight),
  );
}

/** An edge or a pipe beside the digit. */
export function drawBar(dice: Dice): Bar {
  const lying = dice.chance(0.5);
  const tilt = dice.normal(0, 0.12);
  const side = dice.chance(0.5) ? 1 : -1;
  return {
    nx: lying ? Math.sin(tilt) : Math.cos(tilt),
    ny: lying ? Math.cos(tilt) : Math.sin(tilt),
    // Beside the digit, not across it.
    distance: side * dice.between(lying ? [0.55, 0.8] : [0.4, 0.8]),
    halfWidth: dice.between(BACKGROUND.barWidth) / 2,
    colour: groundColour(dice),
  };
}
