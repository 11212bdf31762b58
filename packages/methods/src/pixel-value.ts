import type { LayerGraph } from '@clearmaps/deconvnet/graph';

/**
 * Network input of a gray pixel, one number a channel.
 *
 * @param byte 0 (black) .. 255 (white); of a net that says nothing of its preprocessing, 255 counts as 1
 */
export function pixelValue({ inputShape, preprocessing }: LayerGraph, byte: number): number[] {
  return Array.from({ length: inputShape[2] }, (_, c) =>
    preprocessing === undefined
      ? byte / 255
      : (byte * preprocessing.scale - preprocessing.mean[c]!) / preprocessing.std[c]!,
  );
}
