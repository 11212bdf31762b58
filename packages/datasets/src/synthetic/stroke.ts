import type { Dice } from './dice.ts';
import { type Colour, groundColour, inkColour } from './house-colours.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';

/** What the digits are made of and how they are lit. */
export interface Stroke {
  readonly ink: Colour;
  /** Digits by which each edge moves outwards. */
  readonly boldness: number;
  readonly softness: number;
  /** Null: none. */
  readonly outline: { readonly colour: Colour; readonly width: number } | null;
  readonly hollowWidth: number | null;
  readonly bevel: { readonly x: number; readonly y: number; readonly strength: number } | null;
  readonly shadow: {
    readonly x: number;
    readonly y: number;
    readonly softness: number;
    readonly strength: number;
  } | null;
  /** Levels from bottom to top. */
  readonly sheen: number;
}

const { stroke: STROKE } = HOUSE_NUMBER_PARAMETERS;

/** Flat, dark and sharp. */
export const PLAIN_STROKE: Stroke = {
  ink: [25, 25, 25],
  boldness: 0,
  softness: 0,
  outline: null,
  hollowWidth: null,
  bevel: null,
  shadow: null,
  sheen: 0,
};

/** A stroke that can be told from `ground`. */
export function drawStroke(dice: Dice, ground: Colour): Stroke {
  const [thinnest, boldest] = STROKE.boldness.within;
  const ink = inkColour(dice, ground);
  const outlined = dice.chance(STROKE.outlineShare);
  const angle = dice.between([0, 2 * Math.PI]);
  const towards = { x: Math.cos(angle), y: Math.sin(angle) };
  const width = dice.between(STROKE.bevelWidth);
  const shadowLength = dice.between(STROKE.shadowLength);
  return {
    ink,
    boldness: Math.min(
      boldest,
      Math.max(thinnest, dice.normal(STROKE.boldness.mean, STROKE.boldness.deviation)),
    ),
    softness: dice.between(STROKE.softness),
    outline: outlined ? { colour: groundColour(dice), width: dice.between(STROKE.outlineWidth) } : null,
    hollowWidth: !outlined && dice.chance(STROKE.hollowShare) ? dice.between(STROKE.hollowWidth) : null,
    bevel: dice.chance(STROKE.bevelShare)
      ? { x: towards.x * width, y: towards.y * width, strength: dice.between(STROKE.bevelStrength) }
      : null,
    shadow: dice.chance(STROKE.shadowShare)
      ? {
          x: towards.x * shadowLength,
          // Light comes from above.
          y: -Math.abs(towards.y) * shadowLength,
          softness: dice.between(STROKE.shadowSoftness),
          strength: dice.between(STROKE.shadowStrength),
        }
      : null,
    sheen: dice.chance(STROKE.sheenShare) ? dice.between(STROKE.sheen) : 0,
  };
}
