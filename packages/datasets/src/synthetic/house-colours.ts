import type { Dice } from './dice.ts';
import { HOUSE_NUMBER_PARAMETERS } from './parameters.ts';

/** sRGB levels 0..255; not clipped, the exposure comes later. */
export type Colour = readonly [red: number, green: number, blue: number];

interface Paint {
  readonly colour: Colour;
  /** Weights among grounds (walls and plates) and among inks (digits). */
  readonly ground: number;
  readonly ink: number;
}

/** Typical paints and materials of house numbers, by eye from real crops; `gray` stands for any neutral gray. */
const PAINTS: readonly Paint[] = [
  { colour: [236, 238, 240], ground: 14, ink: 20 }, // white
  { colour: [24, 24, 28], ground: 9, ink: 22 }, // black
  { colour: [28, 46, 122], ground: 11, ink: 12 }, // enamel blue
  { colour: [24, 32, 78], ground: 9, ink: 12 }, // navy
  { colour: [70, 110, 180], ground: 4, ink: 2 }, // light blue
  { colour: [132, 70, 54], ground: 8, ink: 1 }, // brick
  { colour: [152, 44, 52], ground: 3, ink: 2 }, // red
  { colour: [104, 68, 42], ground: 6, ink: 4 }, // wood
  { colour: [186, 160, 128], ground: 9, ink: 2 }, // sandstone
  { colour: [228, 216, 188], ground: 9, ink: 4 }, // cream
  { colour: [38, 86, 58], ground: 3, ink: 2 }, // green
  { colour: [110, 160, 140], ground: 2, ink: 1 }, // verdigris
  { colour: [182, 150, 72], ground: 2, ink: 1 }, // yellow
  { colour: [192, 158, 88], ground: 1, ink: 7 }, // brass
  { colour: [150, 150, 154], ground: 6, ink: 8 }, // steel
];
const GRAY_SHARE = { ground: 0.42, ink: 0.32 };

/** Rec. 601, as JPEG uses it. */
export function luma([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** The colour of a wall or a plate. */
export function groundColour(dice: Dice): Colour {
  return colour(dice, 'ground');
}

/** A colour for digits on `ground`: as often darker as lighter, where both are possible. */
export function inkColour(dice: Dice, ground: Colour): Colour {
  const under = luma(ground);
  const { leastContrast } = HOUSE_NUMBER_PARAMETERS.colour;
  const lighter = dice.chance(0.5) ? under < 255 - 1.5 * leastContrast : under < 1.5 * leastContrast;
  for (let attempt = 0; attempt < 12; attempt++) {
    const ink = colour(dice, 'ink');
    const over = luma(ink);
    if (lighter ? over > under + leastContrast : over < under - leastContrast) return ink;
  }
  return lighter ? [245, 245, 245] : [15, 15, 18];
}

function colour(dice: Dice, role: 'ground' | 'ink'): Colour {
  if (dice.chance(GRAY_SHARE[role])) {
    const gray = dice.between([20, 240]);
    const warm = dice.normal(0, 7);
    return [gray + warm, gray + dice.normal(0, 2), gray - warm];
  }
  const [red, green, blue] = PAINTS[dice.weighted(PAINTS.map((paint) => paint[role]))]!.colour;
  const shade = dice.between([0.7, 1.2]);
  return [
    red * shade + dice.normal(0, 9),
    green * shade + dice.normal(0, 9),
    blue * shade + dice.normal(0, 9),
  ];
}
