import type { Dice } from './dice.ts';
import { digitFields } from './digit-fields.ts';
import { type Colour, groundColour } from './house-colours.ts';
import { layOut, type NumberLayout } from './number-layout.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';
import { mottled, type Pattern, wallPattern } from './patterns.ts';
import { drawStroke, PLAIN_STROKE, type Stroke } from './stroke.ts';
import { type Bar, drawBar, drawPlates, type Plate } from './surroundings.ts';
import { drawView, frontView, type View } from './view.ts';

/** A house number on a wall and its light: all that stands before the camera. */
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

const { background: BACKGROUND, light: LIGHT } = HOUSE_NUMBER_PARAMETERS;

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
    mottleStrength: dice.between(BACKGROUND.mottle),
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
    view: frontView(number),
    stroke: PLAIN_STROKE,
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

function drawTone(dice: Dice): Colour {
  const warmth = dice.normal(LIGHT.warmth.mean, LIGHT.warmth.deviation);
  const tint = dice.normal(LIGHT.tint.mean, LIGHT.tint.deviation);
  return [warmth, tint, -warmth];
}
