import type { LayerGraph, NetworkInput } from '@clearmaps/deconvnet';
import { type Picture, preprocess } from '@clearmaps/models';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ImageError } from './errors.ts';
import { fitPicture, preprocessingOf } from './fit-picture.ts';
import { type Drawable, type ImageDataLike, isShaped, type ShapedArray } from './picture-of.ts';

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
