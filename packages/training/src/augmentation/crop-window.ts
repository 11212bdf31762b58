import type { Random } from '@clearmaps/random';

/** Takes a part of the picture and stretches it over the whole (Szegedy et al. 2015, section 6). */
export interface CropOptions {
  /** Share of the area that is taken, from least to most, 0 < least <= most <= 1. */
  readonly area: readonly [number, number];
  /** Width to height of the part over that of the picture, from least to most, above 0; default 3/4 to 4/3. */
  readonly aspect?: readonly [number, number];
}

/** A part of a picture, in shares of its height and width. */
export interface CropWindow {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A window that lies within the picture; every area, and every place for it, is as likely as any other. */
export function cropWindow({ area, aspect = [3 / 4, 4 / 3] }: CropOptions, random: Random): CropWindow {
  const share = random.between(...area);
  // On a logarithmic scale, so that flat windows are as likely as tall ones.
  const drawn = Math.exp(random.between(Math.log(aspect[0]), Math.log(aspect[1])));
  // A window of this area with an aspect beyond these is longer than the picture.
  const ratio = Math.min(1 / share, Math.max(share, drawn));
  const width = Math.min(1, Math.sqrt(share * ratio));
  const height = Math.min(1, Math.sqrt(share / ratio));
  return { top: random.between(0, 1 - height), left: random.between(0, 1 - width), height, width };
}
