import { ColormapError } from './errors.ts';
import type { Rgb } from './raster.ts';

/** The colours of a sheet, apart from its panels. */
export interface Theme {
  readonly background: Rgb;
  readonly text: Rgb;
  readonly muted: Rgb;
  /** Thin lines round panels and swatches. */
  readonly border: Rgb;
  /** What is left of a bar's full length. */
  readonly track: Rgb;
}

// Neutral greys on both sides, so that no hue leans, and none so dark that a black map would run into it.
const THEMES = {
  light: {
    background: [250, 250, 250],
    text: [28, 28, 30],
    muted: [105, 105, 110],
    border: [170, 170, 174],
    track: [230, 230, 232],
  },
  dark: {
    background: [44, 45, 48],
    text: [240, 240, 242],
    muted: [168, 168, 173],
    border: [112, 112, 118],
    track: [66, 67, 71],
  },
} satisfies Record<string, Theme>;

export type ThemeName = keyof typeof THEMES;

/** @throws ColormapError on an unknown name. */
export function themeOf(name: ThemeName): Theme {
  if (Object.hasOwn(THEMES, name)) return THEMES[name];
  throw new ColormapError({ asked: 'theme', got: `"${name}"`, allowed: Object.keys(THEMES).join(', ') });
}
