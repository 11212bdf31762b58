import { ImageError } from './errors.ts';

/**
 * The place of an image in the batch of an explanation.
 *
 * @param shape of the explanation, [B, H, W, C]
 * @throws ImageError for one that the batch does not have
 */
export function batchIndex([batch]: readonly [number, ...number[]], image = 0): number {
  if (Number.isInteger(image) && image >= 0 && image < batch) return image;
  throw new ImageError({
    asked: `image ${image} of an explanation`,
    got: `a batch of ${batch}`,
    allowed: batch === 1 ? '0' : `whole numbers from 0 to ${batch - 1}`,
  });
}
