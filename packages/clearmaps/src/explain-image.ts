import type { LayerGraph, NetworkInput } from '@clearmaps/deconvnet';
import { type Picture, preprocess } from '@clearmaps/models';
import type { Tensor } from '@tensorflow/tfjs-core';
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
 * What can be explained.
 *
 * - network input, ready for the net: a `Float32Array` or a tensor of [H, W, C] or [B, H, W, C], or floats with
 *   their shape. It must have the net's own size.
 * - a picture of any size, which is scaled and cut as the model's preprocessing says: bytes with their shape,
 *   `ImageData`, a canvas, an `<img>` that has loaded, a video's current frame, an `ImageBitmap`.
 */
export type ExplainImage = NetworkInput | ShapedArray | ImageDataLike | Picture | Drawable;

/**
 * @returns network input for the model's net
 * @throws ImageError for what is no image, has not loaded, or may not be read.
 */
export async function toNetworkInput(image: ExplainImage, model: LayerGraph): Promise<NetworkInput> {
  if (image instanceof Float32Array || isTensor(image)) return image;
  if (isShaped(image) && image.data instanceof Float32Array) return shapedInput(image, model);
  const picture = await fitPicture(image, model);
  return preprocess(picture, preprocessingOf(model), model.inputShape);
}

/** For engines that know no tensors. */
export async function valuesOf(input: NetworkInput): Promise<Float32Array> {
  return isTensor(input) ? Float32Array.from(await input.data()) : input;
}

/**
 * The picture that the net sees: scaled to the size of its input, and cut, as the model's preprocessing says. What
 * `drawViews` lays its maps on.
 *
 * @returns bytes, [H, W, 3], or [H, W, 4] with transparency
 * @throws ImageError for what is no picture, has not loaded, or may not be read.
 */
export async function fitPicture(
  image: Exclude<ExplainImage, NetworkInput>,
  model: LayerGraph,
): Promise<Picture> {
  const picture = pictureOf(image);
  const [height, width] = model.inputShape;
  if (picture.width === width && picture.height === height) return picture;
  const { resize, shortSide = Math.min(width, height) } = preprocessingOf(model);
  const rgba = withAlpha(picture);
  if (resize === 'stretch') return scaled(rgba, width, height);
  // No smaller than the net's input, whatever the model says.
  const factor = Math.max(
    shortSide / Math.min(picture.width, picture.height),
    width / picture.width,
    height / picture.height,
  );
  const whole = await scaled(
    rgba,
    Math.max(width, Math.round(picture.width * factor)),
    Math.max(height, Math.round(picture.height * factor)),
  );
  return centre(whole, width, height);
}

function preprocessingOf(model: LayerGraph): NonNullable<LayerGraph['preprocessing']> {
  if (model.preprocessing !== undefined) return model.preprocessing;
  throw new ImageError({
    asked: `a picture as input of "${model.name}"`,
    got: 'a model that does not say how pictures become its input',
    remedy: 'Set model.preprocessing, or give network input: a Float32Array of [H, W, C].',
  });
}

function shapedInput({ data, shape }: ShapedArray, model: LayerGraph): Float32Array {
  const wanted = model.inputShape;
  const inner = shape.length === 4 ? shape.slice(1) : shape;
  const size = shape.reduce((a, b) => a * b, 1);
  if (String(inner) === String(wanted) && size === data.length && size > 0) return data as Float32Array;
  throw new ImageError({
    asked: `input of "${model.name}"`,
    got: `${data.length} values of shape [${shape.join(', ')}]`,
    allowed: `[${wanted.join(', ')}] or [B, ${wanted.join(', ')}], row-major`,
  });
}

function pictureOf(image: Exclude<ExplainImage, NetworkInput>): Picture {
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

function withAlpha({ data, width, height, channels }: Picture): Picture {
  if (channels === 4) return { data, width, height, channels };
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) rgba[4 * pixel + c] = data[pixel * channels + (channels === 1 ? 0 : c)]!;
  }
  return { data: rgba, width, height, channels: 4 };
}

/** The same bytes in every browser and in Node, where a canvas scales as each browser likes. */
async function scaled({ data, width, height }: Picture, toWidth: number, toHeight: number): Promise<Picture> {
  const { Pica } = await import('pica');
  const resized = await new Pica({ features: ['js'] }).resizeBuffer({
    src: data,
    width,
    height,
    toWidth,
    toHeight,
    filter: 'lanczos3',
  });
  return { data: resized, width: toWidth, height: toHeight, channels: 4 };
}

function centre(picture: Picture, width: number, height: number): Picture {
  const left = Math.floor((picture.width - width) / 2);
  const top = Math.floor((picture.height - height) / 2);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 4;
    data.set(picture.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { data, width, height, channels: 4 };
}

/** By its fields: the page may have another copy of tfjs-core, and a page without one has none to ask. */
function isTensor(image: unknown): image is Tensor {
  return typeof image === 'object' && image !== null && 'dataId' in image && 'shape' in image;
}

function isShaped(image: unknown): image is ShapedArray {
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
