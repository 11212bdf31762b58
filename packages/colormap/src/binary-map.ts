import { requireBetween } from './checks.ts';
import { type ForAndAgainst, splitForAndAgainst } from './for-and-against.ts';
import { createRaster, type Raster, type Rgb, setPixel } from './raster.ts';
import { fullStrength, type Scale } from './scale.ts';

export interface BinaryMapOptions extends ForAndAgainst {
  /** Share of full strength, 0..1, from which a response is significant; 0.1 unless told. */
  readonly threshold?: number;
  /** What counts as full strength: the picture's largest response, 'max', unless told. */
  readonly scale?: Exclude<Scale, 'per-class'>;
}

const FOR: Rgb = [255, 0, 0];
/** Pure blue has a contrast of 2.4 to 1 against black, too little for what is a pixel wide (WCAG 1.4.11 asks for 3); this 4.3. */
const AGAINST: Rgb = [64, 96, 255];

/**
 * The paper's binary map (CLEAR, section 4.2): red where the picture speaks for the true class, blue
 * where against, in constant colours so that weak regions can be seen. A pixel has a colour where its
 * winning response is positive and at least `threshold` times full strength; the rest is black.
 *
 * @throws ColormapError on wrong lengths, NaN or infinity, a threshold outside 0..1, a bad scale.
 */
export function binaryMap({ threshold = 0.1, scale = 'max', ...sides }: BinaryMapOptions): Raster {
  requireBetween(threshold, 0, 1, 'binaryMap: threshold');
  const raster = createRaster(sides.width, sides.height);
  const { isFor, winner } = splitForAndAgainst(sides);
  const least = threshold * fullStrength(winner, scale);
  winner.forEach((value, pixel) => {
    if (value > 0 && value >= least) setPixel(raster, pixel, isFor(pixel) ? FOR : AGAINST);
  });
  return raster;
}
