/**
 * Writes an image into `to`, with every pixel that the mask has not replaced.
 *
 * @param image [P, C]
 * @param mask [P]
 * @param kept the value of the mask that keeps a pixel: 1, or 0 for the image without what the mask shows
 * @param removed [C]
 */
export function keepPixels(
  to: Float32Array,
  image: Float32Array,
  {
    mask,
    kept,
    removed,
  }: { readonly mask: Uint8Array; readonly kept: 0 | 1; readonly removed: Float32Array },
): void {
  to.set(image);
  const channels = removed.length;
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] !== kept) to.set(removed, pixel * channels);
  }
}
