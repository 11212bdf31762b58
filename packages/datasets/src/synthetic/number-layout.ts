import type { Dice } from './dice.ts';
import type { DigitField } from './digit-fields.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';

/**
 * A digit on the wall. Wall coordinates: the centre digit's box is 1 high and its centre is the origin; x to the
 * right, y upwards.
 */
export interface PlacedDigit {
  readonly label: number;
  readonly field: DigitField;
  /** Centre of the digit's box on the wall. */
  readonly x: number;
  readonly y: number;
  /** Half the sides of its box. */
  readonly halfWidth: number;
  readonly halfHeight: number;
  /** From the wall to the digit's own directions. */
  readonly cosine: number;
  readonly sine: number;
  /** From wall lengths to those of the field. */
  readonly scale: number;
}

export interface NumberLayout {
  /** The centre digit first. */
  readonly digits: readonly PlacedDigit[];
  /** The box of the whole number on the wall. */
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

const { layout: PARAMETERS } = HOUSE_NUMBER_PARAMETERS;

/** A number in one face with `label` somewhere in it; the other digits are drawn uniformly. */
export function layOut(
  dice: Dice,
  label: number,
  fields: readonly DigitField[],
  neighbours: boolean,
): NumberLayout {
  const count = neighbours ? 1 + dice.weighted(PARAMETERS.digitCountWeights) : 1;
  const centre = dice.integer(count);
  const labels = Array.from({ length: count }, (_, i) => (i === centre ? label : dice.integer(10)));
  const vertical = neighbours && dice.chance(PARAMETERS.verticalShare);
  const wide = dice.chance(PARAMETERS.wideTrackingShare);
  const tracking = dice.between(wide ? PARAMETERS.wideTracking : PARAMETERS.tracking);
  const loose = neighbours && dice.chance(PARAMETERS.looseShare);
  const slope = neighbours && dice.chance(PARAMETERS.stairShare) ? dice.normal(0, PARAMETERS.stairSlope) : 0;

  let pen = 0;
  const boxes = labels.map((digit) => {
    const { width, height, bottom, leftBearing, rightBearing } = fields[digit]!.box;
    const x = vertical ? 0 : pen + leftBearing + width / 2;
    const y = vertical ? -pen : bottom + height / 2;
    pen += (vertical ? height + 0.1 : leftBearing + width + rightBearing) + tracking;
    return { digit, x, y, width, height };
  });
  const origin = boxes[centre]!;
  const place = ({ digit, x, y, width, height }: (typeof boxes)[number], isCentre: boolean): PlacedDigit => {
    const turn = loose ? dice.normal(0, PARAMETERS.looseTurn) : 0;
    const shift = loose && !isCentre ? dice.normal(0, PARAMETERS.looseShift) : 0;
    const across = (x - origin.x) / origin.height;
    return {
      label: digit,
      field: fields[digit]!,
      x: across,
      y: (y - origin.y) / origin.height + slope * across + shift,
      halfWidth: width / origin.height / 2,
      halfHeight: height / origin.height / 2,
      cosine: Math.cos(turn),
      sine: Math.sin(turn),
      scale: origin.height,
    };
  };
  const digits = [place(origin, true)];
  boxes.forEach((box, i) => {
    if (i !== centre) digits.push(place(box, false));
  });
  return {
    digits,
    left: Math.min(...digits.map(({ x, halfWidth }) => x - halfWidth)),
    right: Math.max(...digits.map(({ x, halfWidth }) => x + halfWidth)),
    bottom: Math.min(...digits.map(({ y, halfHeight }) => y - halfHeight)),
    top: Math.max(...digits.map(({ y, halfHeight }) => y + halfHeight)),
  };
}
