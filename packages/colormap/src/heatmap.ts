import { type ForAndAgainst, splitForAndAgainst } from './for-and-against.ts';
import { createRaster, type Raster, type Rgb, setPixel } from './raster.ts';
import { type CommonScale, type StrengthOptions, strength } from './scale.ts';

export interface HeatmapOptions extends ForAndAgainst, StrengthOptions<CommonScale> {}

/** Black, red, yellow, white in MATLAB's proportions: 3/8, 3/8 and 1/4 of the range. */
function hotColor(value: number): Rgb {
  return [255 * (value / 0.375), 255 * ((value - 0.375) / 0.375), 255 * ((value - 0.75) / 0.25)].map(
    (channel) => Math.round(Math.min(255, Math.max(0, channel))),
  ) as unknown as Rgb;
}

/**
 * The paper's heatmap (CLEAR, section 4.2): what speaks for the true class is "hot" (black, red,
 * yellow, white), what speaks for any other class is green (black to green). A pixel is hot where
 * R(x|true) >= against. Both sides share one scale, so that equal strengths look equally strong.
 *
 * @throws ColormapError on wrong lengths, NaN or infinity, a bad scale.
 */
export function heatmap({ scale, gamma, ...sides }: HeatmapOptions): Raster {
  const raster = createRaster(sides.width, sides.height);
  const { isFor, winner } = splitForAndAgainst(sides);
  strength(winner, { scale, gamma }).forEach((value, pixel) => {
    setPixel(raster, pixel, isFor(pixel) ? hotColor(value) : [0, 255 * value, 0]);
  });
  return raster;
}
