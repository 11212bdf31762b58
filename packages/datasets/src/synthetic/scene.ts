import type { Dice } from './dice.ts';
import { digitFields } from './digit-fields.ts';
import { type Colour, groundColour, inkColour } from './house-colours.ts';
import { layOut, type NumberLayout } from './number-layout.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';
import { mottled, type Pattern, wallPattern } from './patterns.ts';

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
  readonly wear: number;
}

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

/** A house number on a wall and its light: all that stands before the camera, as plain data. */
export interface Scene {
  readonly number: NumberLayout;
  readonly view: View;
  readonly stroke: Stroke;
  /** What is right behind the digit: the plate's colour, or the wall's. */
  readonly ground: Colour;
  readonly wall: Colour;
  readonly pattern: Pattern;
  readonly patternStrength: number;
  readonly mottle: Pattern;
  readonly mottleStrength: number;
  readonly plates: readonly Plate[];
  readonly bar: Bar | null;
  readonly light: {
    readonly shadingU: number;
    readonly shadingV: number;
    readonly cast: Bar | null;
    readonly castStrength: number;
    /** Added to the channels. */
    readonly tone: Colour;
  };
}

const { view: VIEW, stroke: STROKE, background: BACKGROUND, light: LIGHT } = HOUSE_NUMBER_PARAMETERS;

/** Draws a scene with the digit `label` in the middle, in one of the faces. */
export function drawScene(dice: Dice, label: number, faces: readonly string[]): Scene {
  const number = layOut(dice, label, digitFields(dice.pick(faces)), true);
  const wall = groundColour(dice);
  const plates = drawPlates(dice, number);
  const ground = plates[0]?.colour ?? wall;
  return {
    number,
    view: drawView(dice, number),
    stroke: drawStroke(dice, ground),
    ground,
    wall,
    pattern: wallPattern(dice),
    patternStrength: dice.between(BACKGROUND.patternStrength),
    mottle: mottled(dice, dice.logBetween([0.7, 6])),
    mottleStrength: dice.between(STROKE.wear),
    plates,
    bar: dice.chance(BACKGROUND.barShare) ? drawBar(dice) : null,
    light: {
      shadingU: dice.normal(LIGHT.shading.mean, LIGHT.shading.deviation),
      shadingV: dice.normal(LIGHT.shading.mean, LIGHT.shading.deviation),
      cast: dice.chance(LIGHT.castShadowShare) ? { ...drawBar(dice), halfWidth: 9 } : null,
      castStrength: dice.between(LIGHT.castShadowStrength),
      tone: drawTone(dice),
    },
  };
}

/** A black digit on white, alone and seen from the front: for tests of what is drawn. */
export function cleanScene(dice: Dice, label: number, faces: readonly string[]): Scene {
  const number = layOut(dice, label, digitFields(dice.pick(faces)), false);
  const white: Colour = [230, 230, 230];
  const flat = () => 0;
  return {
    number,
    view: viewOf(number, {
      height: 0.8,
      turn: 0,
      slant: 0,
      foreshortening: 1,
      shift: [0, 0],
      perspective: [0, 0],
    }),
    stroke: {
      ink: [25, 25, 25],
      boldness: 0,
      softness: 0,
      outline: null,
      hollowWidth: null,
      bevel: null,
      shadow: null,
      sheen: 0,
      wear: 0,
    },
    ground: white,
    wall: white,
    pattern: flat,
    patternStrength: 0,
    mottle: flat,
    mottleStrength: 0,
    plates: [],
    bar: null,
    light: { shadingU: 0, shadingV: 0, cast: null, castStrength: 0, tone: [0, 0, 0] },
  };
}

function drawView(dice: Dice, number: NumberLayout): View {
  const bell = ({ mean, deviation }: { mean: number; deviation: number }) => dice.normal(mean, deviation);
  return viewOf(number, {
    height: within(bell(VIEW.digitHeight), VIEW.digitHeight.within),
    turn: bell(dice.chance(VIEW.askewShare) ? VIEW.askewTurn : VIEW.turn),
    slant: bell(VIEW.slant),
    foreshortening: within(bell(VIEW.foreshortening), VIEW.foreshortening.within),
    shift: [bell(VIEW.shift), bell(VIEW.shift)],
    perspective: [bell(VIEW.perspective), bell(VIEW.perspective)],
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

function drawStroke(dice: Dice, ground: Colour): Stroke {
  const ink = inkColour(dice, ground);
  const outlined = dice.chance(STROKE.outlineShare);
  const angle = dice.between([0, 2 * Math.PI]);
  const towards = { x: Math.cos(angle), y: Math.sin(angle) };
  const width = dice.between(STROKE.bevelWidth);
  const shadowLength = dice.between(STROKE.shadowLength);
  return {
    ink,
    boldness: within(dice.normal(STROKE.boldness.mean, STROKE.boldness.deviation), STROKE.boldness.within),
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
    wear: dice.between(STROKE.wear),
  };
}

function drawPlates(dice: Dice, number: NumberLayout): Plate[] {
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

function drawBar(dice: Dice): Bar {
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

function drawTone(dice: Dice): Colour {
  const warmth = dice.normal(LIGHT.warmth.mean, LIGHT.warmth.deviation);
  const tint = dice.normal(LIGHT.tint.mean, LIGHT.tint.deviation);
  return [warmth, tint, -warmth];
}

function within(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(high, Math.max(low, value));
}
