import { requireInteger } from './checks.ts';
import { ColormapError } from './errors.ts';
import { hsvToRgb, type UnitRgb } from './hsv.ts';
import { listed } from './listed-colors.ts';
import type { Rgb } from './raster.ts';

/** How a palette colours class `classIndex` of a model that has `count` classes, at full strength. */
type ColorRule = (classIndex: number, count: number) => UnitRgb;

interface PaletteRow {
  /** Classes that get one of the palette's own colours; those after it follow the palette's rule. */
  readonly baseCount: number;
  /** Whether the base colours stay apart for deuteranopes, protanopes and tritanopes (see the README). */
  readonly colorBlindSafe: boolean;
  readonly color: ColorRule;
}

const MOST_EVEN_HUES = 12;
const GOLDEN_ANGLE = 180 * (3 - Math.sqrt(5));
const SATURATIONS = [1, 0.4, 0.7, 0.3, 0.55] as const;

// Found by scripts/spread-hues.mjs, farthest first: 9.6 of CIEDE2000 between any two of them, and V = 1.
const SPREAD = listed(
  'ff0000 4400ff ffff00 19ffc2 ff33ff ffa319 1a85ff 1ae0ff ffb3cc ff3377 b8b2ff 66ff00 ffe6b2 ff997f 8f66ff ' +
    'dbffb2 4db8ff b2fff5 ffcc00 ff7519 ff99ff ffccb2 1a57ff b3e0ff ff66b8 aa00ff ff8090 80a1ff c47fff ff0044 ' +
    'ffc47f ff644c fff899 7fff90 d6ff66 ffa366 b2ffd1 00ffee ffb8b2 ff00bb',
);

/**
 * Past twelve classes neighbours on the circle look alike, past forty any do: classes then step by the golden angle,
 * and five saturations part the hues that come close again after 8, 13 and 21 steps.
 */
function evenHues(classIndex: number, count: number): UnitRgb {
  if (count <= MOST_EVEN_HUES) return hsvToRgb((360 * classIndex) / count, 1, 1);
  if (classIndex < SPREAD.baseCount) return SPREAD.color(classIndex);
  return hsvToRgb(classIndex * GOLDEN_ANGLE, SATURATIONS[classIndex % SATURATIONS.length]!, 1);
}

// Colours far from black and grey only: brightness says how strong, so that black says nothing, and the
// picture beneath an overlay is grey.
const PALETTES = {
  // CLEAR eq. 6: H = F(class), S = 1.
  hues: { baseCount: MOST_EVEN_HUES, colorBlindSafe: false, color: evenHues },
  // Okabe & Ito 2008, "Color Universal Design", https://jfly.uni-koeln.de/color/, without its black.
  'okabe-ito': listed('e69f00 56b4e9 009e73 f0e442 0072b2 d55e00 cc79a7'),
  // Tol 2021, "Colour Schemes", SRON/EPS/TN/09-002, figure 1, without its grey.
  'tol-bright': listed('4477aa ee6677 228833 ccbb44 66ccee aa3377'),
  // Ours, found by scripts/search-palette.mjs: V = 1 throughout, as eq. 6 would have it, and no grey.
  'safe-ten': listed('ff180a ffb7af ffa800 fffbbc 00ff60 a3ffff 387fff cdb2ff 861dff ff3da3'),
} satisfies Record<string, PaletteRow>;

export type PaletteName = keyof typeof PALETTES;

/** The names that `classPalette` knows. */
export const paletteNames = Object.keys(PALETTES) as readonly PaletteName[];

/** F(.) of CLEAR eq. 6: one colour for each class of a model. */
export interface ClassPalette {
  readonly name: PaletteName;
  /** How many classes the model has. */
  readonly count: number;
  /** [count, 3]: red, green, blue at full strength, each 0..1. A map's pixel is this times V. */
  readonly colors: Float64Array;
  /** Whether all `count` colours stay apart under the three kinds of colour blindness. */
  readonly colorBlindSafe: boolean;
}

/**
 * The colour dictionary F(.) of CLEAR eq. 6 for a model of `count` classes.
 *
 * A colour depends on the class's index in the model's whole class list and on the palette alone, so
 * that a class looks the same in a map of all classes, of the top ten, and in the legend.
 *
 * - `'hues'` (default): up to 12 classes, class c has hue c * 360 / count at full saturation. In larger
 *   models the first 40 have colours that were spread as far apart as they go; those after them hue
 *   c * 137.5 degrees (the golden angle), with saturations 1, 0.4, 0.7, 0.3, 0.55 in turn.
 * - `'safe-ten'` (10 colours), `'okabe-ito'` (7), `'tol-bright'` (6): distinguishable by colour-blind
 *   people. Class c beyond the list takes colour c mod length, mixed with white, by a different share
 *   each time round.
 *
 * No class is black or near it. With hundreds of classes some colours are close to one another in any
 * palette: see {@link paletteOfSome}.
 *
 * @throws ColormapError if `count` is not a positive integer or `name` is unknown.
 */
export function classPalette(count: number, name: PaletteName = 'hues'): ClassPalette {
  requireInteger(count, 1, 'classPalette: count');
  if (!Object.hasOwn(PALETTES, name)) {
    throw new ColormapError({
      asked: 'classPalette: name',
      got: `"${name}"`,
      allowed: paletteNames.join(', '),
    });
  }
  const row: PaletteRow = PALETTES[name];
  const colors = new Float64Array(count * 3);
  for (let c = 0; c < count; c++) colors.set(row.color(c, count), 3 * c);
  return { name, count, colors, colorBlindSafe: row.colorBlindSafe && count <= row.baseCount };
}

/** Of classes that nobody asked for: 0..1. */
const OTHERS_COLOR: UnitRgb = [0.6, 0.6, 0.6];

/**
 * A palette for a model with more classes than colours, of which some are shown: these take the colours of a model
 * that has them alone, in their order, so that they are as far apart as the palette allows. All others are grey.
 *
 * @param count how many classes the model has
 * @param classes those that are shown, each once
 * @throws ColormapError as {@link classPalette}, and on a class that the model lacks.
 */
export function paletteOfSome(count: number, classes: readonly number[], name?: PaletteName): ClassPalette {
  const some = classPalette(classes.length, name);
  const colors = new Float64Array(count * 3);
  for (let c = 0; c < count; c++) colors.set(OTHERS_COLOR, 3 * c);
  const palette = { ...some, count, colors };
  for (const [i, c] of classes.entries()) {
    requireClass(palette, c, 'paletteOfSome: class');
    colors.set(some.colors.subarray(3 * i, 3 * i + 3), 3 * c);
  }
  return palette;
}

/** The colour at full strength; a negative class is one of the others, see `clearMap`. 0..1. */
export function unitColor({ colors }: ClassPalette, classIndex: number): UnitRgb {
  if (classIndex < 0) return OTHERS_COLOR;
  return [colors[3 * classIndex]!, colors[3 * classIndex + 1]!, colors[3 * classIndex + 2]!];
}

/** The grey of classes that nobody asked for at full strength, 0..255. */
export const othersColor: Rgb = OTHERS_COLOR.map((channel) => Math.round(255 * channel)) as unknown as Rgb;

function requireClass({ count }: ClassPalette, classIndex: number, asked: string): void {
  if (Number.isInteger(classIndex) && classIndex >= 0 && classIndex < count) return;
  throw new ColormapError({ asked, got: String(classIndex), allowed: `0 to ${count - 1}` });
}

/** The colour of one class at full strength, 0..255. @throws ColormapError on a class that the palette lacks. */
export function classColor(palette: ClassPalette, classIndex: number): Rgb {
  requireClass(palette, classIndex, 'classColor: class');
  return unitColor(palette, classIndex).map((channel) => Math.round(channel * 255)) as unknown as Rgb;
}

/** The same as CSS text, `#rrggbb`. @throws ColormapError on a class that the palette lacks. */
export function classHex(palette: ClassPalette, classIndex: number): string {
  return `#${classColor(palette, classIndex)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')}`;
}
