import { requireLength } from './checks.ts';
import { ColormapError } from './errors.ts';
import { type ClassPalette, unitColor } from './palette.ts';
import { createRaster, type Raster, setPixel } from './raster.ts';
import { type StrengthOptions, strength } from './scale.ts';

export interface ClearMapOptions extends StrengthOptions {
  /**
   * [H*W]: the class that wins each pixel (eq. 4), as an index in the model's whole class list; -1 for classes that
   * nobody asked for, which are grey.
   */
  readonly dominantClass: Int32Array;
  /** [H*W]: the response of that class (eq. 5), signed, unscaled. */
  readonly dominantResponse: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Made for the model's whole class list. */
  readonly palette: ClassPalette;
}

/**
 * The CLEAR map (eq. 6): hue is the dominant class, brightness how strongly it responds. Each pixel is
 * the class colour times V; pixels whose dominant response is not positive are black.
 *
 * @throws ColormapError on wrong lengths, a class outside the palette, NaN or infinity, a bad scale.
 */
export function clearMap({
  dominantClass,
  dominantResponse,
  width,
  height,
  palette,
  scale,
  gamma,
}: ClearMapOptions): Raster {
  const raster = createRaster(width, height);
  requireLength(dominantClass, width * height, 'clearMap: dominantClass');
  requireLength(dominantResponse, width * height, 'clearMap: dominantResponse');
  const value = strength(dominantResponse, { scale, gamma }, dominantClass);
  for (let pixel = 0; pixel < value.length; pixel++) {
    const c = dominantClass[pixel]!;
    if (c < -1 || c >= palette.count) {
      throw new ColormapError({
        asked: 'clearMap: dominantClass',
        got: `class ${c} at pixel ${pixel}`,
        allowed: `0 to ${palette.count - 1}, or -1 for the others`,
        remedy: "Make the palette for the model's whole class list.",
      });
    }
    const bytes = 255 * value[pixel]!;
    const [red, green, blue] = unitColor(palette, c);
    setPixel(raster, pixel, [bytes * red, bytes * green, bytes * blue]);
  }
  return raster;
}
