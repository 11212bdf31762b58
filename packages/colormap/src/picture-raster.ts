import { requireFinite, requireLength } from './checks.ts';
import { ColormapError } from './errors.ts';
import { createRaster, type Raster, setPixel } from './raster.ts';

export interface PictureOptions {
  /** [H*W*C], row-major, channels last; grey (C = 1) or red, green, blue (C = 3). */
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray;
  /** [H, W, C]. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** The values shown as black and as white; [0, 255] for bytes and [0, 1] for floats unless told. */
  readonly range?: readonly [black: number, white: number];
}

/**
 * The original as a raster. Values outside the range are clipped.
 *
 * @throws ColormapError on a wrong length, another number of channels, NaN or infinity, an empty range.
 */
export function pictureRaster({ data, shape, range }: PictureOptions): Raster {
  const [height, width, channels] = shape;
  const raster = createRaster(width, height);
  if (channels !== 1 && channels !== 3) {
    throw new ColormapError({ asked: 'pictureRaster: channels', got: String(channels), allowed: '1 or 3' });
  }
  requireLength(data, height * width * channels, `pictureRaster: data [${shape.join(', ')}]`);
  requireFinite(data, 'pictureRaster: data');
  const [black, white] = range ?? (data instanceof Float32Array ? [0, 1] : [0, 255]);
  if (!(Number.isFinite(black) && Number.isFinite(white) && black !== white)) {
    throw new ColormapError({
      asked: 'pictureRaster: range',
      got: `[${black}, ${white}]`,
      allowed: 'two different finite numbers',
    });
  }
  const byte = (at: number): number => (255 * (data[at]! - black)) / (white - black);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    setPixel(raster, pixel, [byte(at), byte(at + green), byte(at + blue)]);
  }
  return raster;
}
