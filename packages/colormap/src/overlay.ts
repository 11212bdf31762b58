import { requireBetween } from './checks.ts';
import { ColormapError } from './errors.ts';
import { createRaster, type Raster, setPixel } from './raster.ts';

export interface OverlayOptions {
  /** The original, the size of the map. */
  readonly picture: Raster;
  /** A map on black: `clearMap`, `heatmap` or `binaryMap`. */
  readonly map: Raster;
  /** How much of the picture a pixel at full strength hides, 0..1; 0.9 unless told. */
  readonly opacity?: number;
  /** Brightness that is left to the picture, which is shown in grey, 0..1; 0.5 unless told. */
  readonly dim?: number;
}

/**
 * A map laid over its original (CLEAR, figure 2). The picture turns grey and darker, so that every
 * colour is the map's; where the map is black the picture shows through. With V the pixel's largest
 * channel, the result is grey * dim * (1 - V * opacity) + map * opacity: the map's colours already
 * carry V, as premultiplied colours do.
 *
 * @throws ColormapError if the sizes differ or an option is out of range.
 */
export function overlay({ picture, map, opacity = 0.9, dim = 0.5 }: OverlayOptions): Raster {
  requireBetween(opacity, 0, 1, 'overlay: opacity');
  requireBetween(dim, 0, 1, 'overlay: dim');
  if (picture.width !== map.width || picture.height !== map.height) {
    throw new ColormapError({
      asked: 'overlay: picture',
      got: `${picture.width}x${picture.height}`,
      allowed: `the size of the map, ${map.width}x${map.height}`,
      remedy: 'Bring one to the size of the other with resizeNearest.',
    });
  }
  const result = createRaster(map.width, map.height);
  for (let pixel = 0; pixel < map.width * map.height; pixel++) {
    const at = 4 * pixel;
    const red = map.data[at]!;
    const green = map.data[at + 1]!;
    const blue = map.data[at + 2]!;
    const hidden = (Math.max(red, green, blue) / 255) * opacity;
    const grey = luma(picture.data, at) * dim * (1 - hidden);
    setPixel(result, pixel, [grey + red * opacity, grey + green * opacity, grey + blue * opacity]);
  }
  return result;
}

/** ITU-R BT.709 weights on the stored (gamma-encoded) channels. */
function luma(data: Uint8ClampedArray, at: number): number {
  return (2126 * data[at]! + 7152 * data[at + 1]! + 722 * data[at + 2]!) / 10_000;
}
