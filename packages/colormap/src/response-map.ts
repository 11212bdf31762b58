import { requireFinite, requireLength } from './checks.ts';
import { createRaster, type Raster, type Rgb, setPixel } from './raster.ts';
import { type CommonScale, fullStrength } from './scale.ts';

export interface ResponseMapOptions {
  /** [H*W]: R(x|c) of one class, signed, unscaled. */
  readonly response: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Which absolute response has full colour; `'max'` unless told. */
  readonly scale?: CommonScale;
}

// Five of the eleven steps of ColorBrewer's RdBu, which its authors mark as safe for colour-blind people.
const STOPS: readonly Rgb[] = [
  [33, 102, 172],
  [146, 197, 222],
  [247, 247, 247],
  [244, 165, 130],
  [178, 24, 43],
];

/** -1 is blue, 0 near-white, 1 red; beyond it stays. */
function divergingColor(value: number): Rgb {
  const position = (Math.min(1, Math.max(-1, value)) + 1) * 2;
  const lower = Math.min(3, Math.floor(position));
  const share = position - lower;
  return STOPS[lower]!.map((from, i) =>
    Math.round(from + (STOPS[lower + 1]![i]! - from) * share),
  ) as unknown as Rgb;
}

/**
 * One class's response map R(x|c) (eq. 3) with its signs: red for positive, blue for negative, near-white
 * for zero. The scale is symmetric: it is taken from the absolute responses, so that zero stays neutral.
 *
 * @throws ColormapError on a wrong length, NaN or infinity, a bad scale.
 */
export function responseMap({ response, width, height, scale = 'max' }: ResponseMapOptions): Raster {
  const raster = createRaster(width, height);
  requireLength(response, width * height, 'responseMap: response');
  requireFinite(response, 'responseMap: response');
  const full = fullStrength(response.map(Math.abs), scale);
  response.forEach((value, pixel) => {
    setPixel(raster, pixel, divergingColor(full === 0 ? 0 : value / full));
  });
  return raster;
}
