/**
 * Signed argmax over classes (CLEAR eqs. 4 and 5); the first of the asked classes wins ties.
 *
 * @param maps [B, n, P]
 * @param classes the n class indices
 */
export function dominantOf(
  maps: Float32Array,
  images: number,
  classes: readonly number[],
): { dominantClass: Int32Array; dominantResponse: Float32Array } {
  const pixels = maps.length / (images * classes.length);
  const dominantClass = new Int32Array(images * pixels).fill(classes[0]!);
  const dominantResponse = new Float32Array(images * pixels);
  for (let image = 0; image < images; image++) {
    const from = image * classes.length * pixels;
    const to = image * pixels;
    dominantResponse.set(maps.subarray(from, from + pixels), to);
    for (let row = 1; row < classes.length; row++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const response = maps[from + row * pixels + pixel]!;
        if (response > dominantResponse[to + pixel]!) {
          dominantResponse[to + pixel] = response;
          dominantClass[to + pixel] = classes[row]!;
        }
      }
    }
  }
  return { dominantClass, dominantResponse };
}
