import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { Picture } from '@clearmaps/models';
import { fitPicture } from 'clearmaps';
import { SiteError } from '../errors.ts';
import type { NetName } from '../state/site-state.ts';
import { centerDigit, type Ink } from './center-digit.ts';

const DIGIT_SIDE = 280;

/**
 * A picture of the visitor's own as input of the net that is on: of any size, a file or what a camera shows.
 *
 * @throws SiteError for what is no picture, or holds no digit where one is looked for.
 */
export async function fitOwnPicture(
  source: Blob | HTMLVideoElement,
  net: NetName,
  model: LayerGraph,
): Promise<Picture> {
  // A picture of many megapixels is made small by the browser, off the page's thread.
  const side = net === 'mnist' ? DIGIT_SIDE : 2 * Math.max(model.inputShape[0], model.inputShape[1]);
  const bitmap = await decode(source, side);
  try {
    if (net !== 'mnist') return await fitPicture(bitmap, model);
    const digit = centerDigit(inkOf(bitmap));
    if (digit) return digit;
    throw new SiteError({
      asked: 'a digit',
      got: 'a picture of one colour',
      remedy: 'Take one of a single digit, dark on light or light on dark.',
    });
  } finally {
    bitmap.close();
  }
}

async function decode(source: Blob | HTMLVideoElement, shortSide: number): Promise<ImageBitmap> {
  try {
    const whole = await createImageBitmap(source);
    const scale = shortSide / Math.min(whole.width, whole.height);
    if (scale >= 1) return whole;
    const resizeWidth = Math.round(whole.width * scale);
    const resizeHeight = Math.round(whole.height * scale);
    const small = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'high' });
    whole.close();
    return small;
  } catch (cause) {
    throw new SiteError({
      asked: source instanceof File ? source.name : 'a picture',
      got: 'something that this browser cannot read as a picture',
      allowed: 'PNG, JPEG, WebP, GIF and whatever else this browser shows',
      cause,
    });
  }
}

/** Paper is what most of the edge looks like; ink is how far a pixel is from it, the farthest 255. */
export function inkOf(bitmap: ImageBitmap): Ink {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const gray = new Float32Array(width * height);
  for (let i = 0; i < gray.length; i++) {
    gray[i] = 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!;
  }
  const edge = [...gray.keys()]
    .filter((i) => i < width || i >= gray.length - width || i % width === 0 || i % width === width - 1)
    .map((i) => gray[i]!)
    .sort((a, b) => a - b);
  const paper = edge[edge.length >> 1]!;
  const distance = gray.map((value) => Math.abs(value - paper));
  const farthest = distance.reduce((most, value) => Math.max(most, value), 1);
  // Shadows and the grain of the paper are no ink.
  const ink = Uint8ClampedArray.from(distance, (value) => ((value / farthest - 0.35) / 0.4) * 255);
  return { data: farthest < 30 ? ink.fill(0) : ink, width, height };
}
