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
  | OfPage<'HTMLImageElement'>
  | OfPage<'HTMLVideoElement'>
  | OfPage<'HTMLCanvasElement'>
  | OfPage<'OffscreenCanvas'>
  | OfPage<'ImageBitmap'>
  | OfPage<'VideoFrame'>;

/**
 * A class of the DOM; never in a project for Node whose `lib` has no DOM. There an unknown name would be `any`, and
 * would let `explain` take anything.
 */
type OfPage<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : never;

/** A picture of any size: bytes, something that a page can draw, or an encoded picture (a `File` is a `Blob`). */
export type AnyPicture = ShapedArray | ImageDataLike | Picture | Drawable | Blob;

/** A picture that no longer changes with the page, in a form that can be sent to a worker. */
export type CapturedPicture = Picture | ImageBitmap | Blob;

/**
 * Takes what can be drawn as it is at the moment of the call; bytes are checked, not copied. A bitmap is the
 * caller's to close.
 *
 * @throws ImageError for what is no picture, has not loaded, or may not be read.
 */
export async function capturePicture(image: AnyPicture): Promise<CapturedPicture> {
  if (isShaped(image)) {
    const [height, width, channels = 1] = image.shape;
    if (image.shape.length === 2 || image.shape.length === 3) {
      return checkedPicture({ data: image.data, width, height, channels } as Picture);
    }
  } else if (hasBytes(image)) {
    const { data, width, height } = image;
    return checkedPicture({ data, width, height, channels: 'channels' in image ? image.channels : 4 });
  } else if (isDrawable(image)) {
    return captureDrawable(image);
  } else if (kindOf(image) === 'Blob' || kindOf(image) === 'File') {
    return image;
  }
  throw new ImageError({
    asked: 'an image to explain',
    got: whatCame(image),
    allowed:
      'a Float32Array, a tensor, { data, shape }, ImageData, a canvas, an <img>, a video, an ImageBitmap, a Blob',
    remedy: whatToGive(image),
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
    got: `${bytes ? `${data.length} bytes` : kindOf(data)} for ${width}x${height} pixels of ${channels} channels`,
    allowed: 'one byte a channel, 1 (gray), 3 (RGB) or 4 (RGBA) channels, row-major',
  });
}

async function captureDrawable(image: Drawable): Promise<ImageBitmap> {
  if ('naturalWidth' in image && !image.complete) await loaded(image);
  const [width, height] = sizeOf(image);
  if (!(width > 0 && height > 0)) {
    throw new ImageError({
      asked: 'an image to explain',
      got: `${kindOf(image)} of ${width}x${height} pixels`,
      remedy: whyEmpty(image),
    });
  }
  try {
    const bitmap = await createImageBitmap(image);
    // Of a picture from elsewhere even one pixel may not be read: better told here than by a failed message.
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0, 1, 1, 0, 0, 1, 1);
    context.getImageData(0, 0, 1, 1);
    return bitmap;
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new ImageError({
      asked: 'an image to explain',
      got: `${kindOf(image)} that the browser does not let pages read: ${message}`,
      remedy:
        name === 'SecurityError'
          ? 'Serve it from the same origin, or with CORS headers and crossorigin="anonymous".'
          : undefined,
      cause,
    });
  }
}

async function loaded(image: HTMLImageElement): Promise<void> {
  // A browser need not load a lazy one before it is scrolled into view.
  image.loading = 'eager';
  await new Promise((resolve) => {
    for (const outcome of ['load', 'error']) image.addEventListener(outcome, resolve, { once: true });
  });
}

function sizeOf(image: Drawable): readonly [width: number, height: number] {
  if ('naturalWidth' in image) return [image.naturalWidth, image.naturalHeight];
  if ('videoWidth' in image) return [image.videoWidth, image.videoHeight];
  if ('displayWidth' in image) return [image.displayWidth, image.displayHeight];
  return [image.width, image.height];
}

function whyEmpty(image: Drawable): string {
  if ('naturalWidth' in image) return 'The browser found no picture at its src that it can decode.';
  if ('videoWidth' in image) return 'Wait for the loadeddata event of the video.';
  if ('getContext' in image) return 'Give the canvas a width and a height.';
  return 'It has been closed or transferred: make another.';
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

function isDrawable(image: unknown): image is Drawable {
  return (DRAWABLE as readonly string[]).includes(kindOf(image));
}

export function isBitmap(image: unknown): image is ImageBitmap {
  return kindOf(image) === 'ImageBitmap';
}

/** Workers lack some of these classes, Node most of them; an element of another frame has classes of its own. */
export function kindOf(image: unknown): string {
  return Object.prototype.toString.call(image).slice(8, -1);
}

function whatCame(image: unknown): string {
  if (image === undefined || image === null) return String(image);
  return typeof image === 'string' ? `the text ${JSON.stringify(image.slice(0, 60))}` : kindOf(image);
}

function whatToGive(image: unknown): string | undefined {
  if (typeof image === 'string')
    return 'In Node, readPictureFile of clearmaps/picture-files reads a file; in a page, fetch it and give its blob().';
  if (image instanceof Uint8Array)
    return 'Give pixels with their shape, { data, shape: [H, W, C] }, and an encoded picture as new Blob([bytes]).';
  if (Array.isArray(image)) return 'Give network input as Float32Array.from(values).';
  return undefined;
}
