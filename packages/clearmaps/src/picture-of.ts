import type { Picture } from '@clearmaps/models';
import { ImageError } from './errors.ts';

/** Values with their shape, row-major. */
export interface ShapedArray {
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray;
  /** [H, W], [H, W, C] or, for network input, [B, H, W, C]. */
  readonly shape: readonly number[];
}

/** RGBA bytes as a canvas gives them; a `Raster` of @clearmaps/colormap is one too. */
export interface ImageDataLike {
  readonly data: Uint8ClampedArray | Uint8Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** What a page can draw on a canvas. */
export type Drawable =
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | VideoFrame;

/**
 * The bytes of a picture, at its own size.
 *
 * @throws ImageError for what is no picture, has not loaded, or may not be read.
 */
export function pictureOf(image: ShapedArray | ImageDataLike | Picture | Drawable): Picture {
  if (isShaped(image)) {
    const [height, width, channels = 1] = image.shape;
    if (image.shape.length === 2 || image.shape.length === 3) {
      return checkedPicture({ ...image, height, width, channels } as Picture);
    }
  } else if (hasBytes(image)) {
    return checkedPicture({ ...fieldsOf(image), channels: 'channels' in image ? image.channels : 4 });
  } else if (isDrawable(image)) {
    return drawn(image);
  }
  throw new ImageError({
    asked: 'an image to explain',
    got: describe(image),
    allowed:
      'a Float32Array, a tensor, { data, shape }, ImageData, a canvas, an <img>, a video, an ImageBitmap',
  });
}

function checkedPicture(picture: Picture): Picture {
  const { data, width, height, channels } = picture;
  const whole = [width, height].every((side) => Number.isInteger(side) && side > 0);
  const bytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (whole && bytes && [1, 3, 4].includes(channels) && data.length === width * height * channels) {
    return picture;
  }
  throw new ImageError({
    asked: 'a picture to explain',
    got: `${bytes ? `${data.length} bytes` : describe(data)} for ${width}x${height} pixels of ${channels} channels`,
    allowed: 'one byte a channel, 1 (gray), 3 (RGB) or 4 (RGBA) channels, row-major',
  });
}

/** `ImageData` has its fields on the prototype: a spread would lose them. */
function fieldsOf({ data, width, height }: ImageDataLike): ImageDataLike {
  return { data, width, height };
}

function drawn(image: Drawable): Picture {
  const [width, height] = sizeOf(image);
  if (!(width > 0 && height > 0)) {
    throw new ImageError({
      asked: 'an image to explain',
      got: `${describe(image)} of ${width}x${height} pixels`,
      remedy: 'Wait until it has loaded: await image.decode(), or the loadeddata event of a video.',
    });
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  try {
    context!.drawImage(image, 0, 0, width, height);
    const { data } = context!.getImageData(0, 0, width, height);
    return { data, width, height, channels: 4 };
  } catch (cause) {
    throw new ImageError({
      asked: 'an image to explain',
      got: `${describe(image)} that the browser does not let pages read: ${(cause as Error).message}`,
      remedy: 'Serve it from the same origin, or with CORS headers and crossorigin="anonymous".',
      cause,
    });
  }
}

function sizeOf(image: Drawable): readonly [width: number, height: number] {
  if ('naturalWidth' in image) return [image.naturalWidth, image.naturalHeight];
  if ('videoWidth' in image) return [image.videoWidth, image.videoHeight];
  if ('displayWidth' in image) return [image.displayWidth, image.displayHeight];
  return [image.width, image.height];
}

export function isShaped(image: unknown): image is ShapedArray {
  const { data, shape } = (image ?? {}) as Partial<ShapedArray>;
  return ArrayBuffer.isView(data) && Array.isArray(shape);
}

function hasBytes(image: unknown): image is ImageDataLike | Picture {
  const { data, width, height } = (image ?? {}) as Partial<ImageDataLike>;
  return ArrayBuffer.isView(data) && typeof width === 'number' && typeof height === 'number';
}

const DRAWABLE = [
  'HTMLImageElement',
  'HTMLVideoElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'ImageBitmap',
  'VideoFrame',
] as const;

/** Workers lack some of these classes, Node all of them; an element of another frame has classes of its own. */
function isDrawable(image: unknown): image is Drawable {
  return (DRAWABLE as readonly string[]).includes(Object.prototype.toString.call(image).slice(8, -1));
}

function describe(image: unknown): string {
  return Object.prototype.toString.call(image).slice(8, -1);
}
