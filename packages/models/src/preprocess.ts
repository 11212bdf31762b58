import type { Preprocessing } from '@clearmaps/deconvnet/graph';
import { PictureError } from './errors.ts';

/** Decoded picture bytes, row-major [height, width, channels]: gray, RGB, or RGBA as a canvas gives them. */
export interface Picture {
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

export interface PreprocessOptions {
  /** What shines through transparent pixels, 0 (black) .. 255 (white); {@link groundOf} the net unless told. */
  readonly background?: number;
}

/**
 * What shines through transparent pixels of a picture unless told: white for nets of colour, as viewers and browsers
 * show such a picture; black for nets of gray, whose ground it is where they are trained as MNIST's are.
 *
 * @param depth channels of the net's input
 * @returns 0 (black) or 255 (white)
 */
export function groundOf(depth: number): 0 | 255 {
  return depth === 1 ? 0 : 255;
}

// ITU-R BT.601, the weights that Pillow and OpenCV use too.
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Turns a picture that has the input's size already into network input: `(byte * scale - mean[c]) / std[c]`.
 * A colour picture becomes gray by its luma (0.299 R + 0.587 G + 0.114 B); a gray one becomes colour with three
 * equal channels. RGBA is composited over `background` first (its colours not premultiplied).
 *
 * @param inputShape [H, W, C]; C is 1 for 'gray' and 3 for 'rgb' and 'bgr'.
 * @returns [H, W, C], row-major.
 * @throws PictureError when the picture has another size or number of bytes, or the preprocessing another number
 * of channels than the input.
 */
export function preprocess(
  picture: Picture,
  preprocessing: Preprocessing,
  inputShape: readonly [number, number, number],
  { background = groundOf(inputShape[2]) }: PreprocessOptions = {},
): Float32Array {
  checkPicture(picture, preprocessing, inputShape);
  const { data, channels } = picture;
  const { scale, mean, std } = preprocessing;
  const depth = inputShape[2];
  const values = new Float32Array(inputShape[0] * inputShape[1] * depth);
  const rgb: [number, number, number] = [0, 0, 0];
  for (let pixel = 0; pixel < values.length / depth; pixel++) {
    const at = pixel * channels;
    const alpha = channels === 4 ? data[at + 3]! / 255 : 1;
    for (let c = 0; c < 3; c++) {
      const byte = data[at + (channels === 1 ? 0 : c)]!;
      rgb[c] = byte * alpha + background * (1 - alpha);
    }
    for (let c = 0; c < depth; c++) {
      values[pixel * depth + c] = (channelOf(rgb, preprocessing.channels, c) * scale - mean[c]!) / std[c]!;
    }
  }
  return values;
}

function channelOf(
  rgb: readonly [number, number, number],
  order: Preprocessing['channels'],
  c: number,
): number {
  if (order === 'rgb') return rgb[c]!;
  if (order === 'bgr') return rgb[2 - c]!;
  const [r, g, b] = rgb;
  // The weights add up to 1 only nearly in floating point; gray must stay what it is.
  return r === g && g === b ? r : LUMA[0] * r + LUMA[1] * g + LUMA[2] * b;
}

function checkPicture(
  { data, width, height, channels }: Picture,
  { channels: order, mean, std, scale }: Preprocessing,
  inputShape: readonly [number, number, number],
): void {
  const [h, w, depth] = inputShape;
  if (width !== w || height !== h) {
    throw new PictureError({
      asked: `picture for an input of ${w}x${h} pixels`,
      got: `${width}x${height} pixels`,
      remedy: 'Scale the picture to the size of the input first.',
    });
  }
  if (![1, 3, 4].includes(channels) || data.length !== width * height * channels) {
    throw new PictureError({
      asked: `bytes of a ${width}x${height} picture`,
      got: `${data.length} bytes for ${channels} channels`,
      allowed: `1, 3 or 4 channels, ${width * height} bytes each`,
    });
  }
  const wanted = order === 'gray' ? 1 : 3;
  if (depth !== wanted || mean.length !== wanted || std.length !== wanted) {
    throw new PictureError({
      asked: `preprocessing to ${order} for an input of ${depth} channels`,
      got: `mean of ${mean.length} and std of ${std.length} channels`,
      allowed: `${wanted} everywhere`,
    });
  }
  if (![scale, ...mean, ...std].every(Number.isFinite) || std.includes(0)) {
    throw new PictureError({
      asked: 'preprocessing',
      got: `scale ${scale}, mean [${mean.join(', ')}], std [${std.join(', ')}]`,
      allowed: 'finite numbers, std not 0',
    });
  }
}
