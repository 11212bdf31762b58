import type { Random } from '@clearmaps/random';
import type { ColourChange } from './colour-change.ts';

/** Largest changes of colour, either way. Gray images take brightness and contrast and pass over the others. */
export interface ColourJitterOptions {
  /** As a share, 0..1: 0.2 multiplies by 0.8..1.2. Default 0. */
  readonly brightness?: number;
  /** As a share, 0..1, about the image's mean. Default 0. */
  readonly contrast?: number;
  /** As a share, 0..1. Default 0. */
  readonly saturation?: number;
  /** Degrees, 0..180. Default 0. */
  readonly hue?: number;
}

/** @param random always drawn from four times, so that one option does not change what another draws */
export function drawColourChange(
  { brightness = 0, contrast = 0, saturation = 0, hue = 0 }: ColourJitterOptions,
  random: Random,
): ColourChange {
  return {
    brightness: random.between(1 - brightness, 1 + brightness),
    contrast: random.between(1 - contrast, 1 + contrast),
    saturation: random.between(1 - saturation, 1 + saturation),
    hue: random.between(-hue, hue),
  };
}
