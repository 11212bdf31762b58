import type { LayerGraph, NetworkInput } from '@clearmaps/deconvnet';
import { preprocess } from '@clearmaps/models';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  type AnyPicture,
  type CapturedPicture,
  capturePicture,
  isShaped,
  type ShapedArray,
} from './capture-picture.ts';
import { ImageError } from './errors.ts';
import { fitCaptured, preprocessingOf } from './fit-picture.ts';

/**
 * What can be explained.
 *
 * - network input, ready for the net: a `Float32Array` or a tensor of [H, W, C] or [B, H, W, C], or floats with
 *   their shape. It must have the net's own size.
 * - a picture of any size, which is scaled and cut as the model's preprocessing says: bytes with their shape,
 *   `ImageData`, a canvas, an `<img>`, a video's current frame, an `ImageBitmap`, a `Blob` or `File` that holds an
 *   encoded picture.
 *
 * A canvas, a video or a bitmap is taken as it is at the call, an `<img>` as soon as it has loaded; arrays and
 * tensors must stay as they are until the answer.
 */
export type ExplainImage = NetworkInput | AnyPicture;

/**
 * @returns network input as it is, or else the picture as it is now
 * @throws ImageError for what is no image, has not loaded, or may not be read.
 */
export async function captureImage(
  image: ExplainImage,
  model: LayerGraph,
): Promise<NetworkInput | CapturedPicture> {
  if (isNetworkInput(image)) return image;
  if (isShaped(image) && image.data instanceof Float32Array) return shapedInput(image, model);
  return capturePicture(image);
}

/**
 * @returns network input for the model's net
 * @throws ImageError for a model that does not say how pictures become its input, and as `readPicture` does.
 */
export async function toNetworkInput(picture: CapturedPicture, model: LayerGraph): Promise<Float32Array> {
  const preprocessing = preprocessingOf(model);
  return preprocess(await fitCaptured(picture, model), preprocessing, model.inputShape);
}

export function isNetworkInput(image: ExplainImage): image is NetworkInput {
  return image instanceof Float32Array || isTensor(image);
}

/** For engines that know no tensors. */
export async function valuesOf(input: NetworkInput): Promise<Float32Array> {
  return isTensor(input) ? Float32Array.from(await input.data()) : input;
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

/** By its fields: the page may have another copy of tfjs-core, and a page without one has none to ask. */
function isTensor(image: unknown): image is Tensor {
  return typeof image === 'object' && image !== null && 'dataId' in image && 'shape' in image;
}
