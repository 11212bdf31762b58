/**
 * Enlarges maps bilinearly: pixel centres lie at halves, and beyond the outermost centres the edge goes on. What
 * `tf.image.resizeBilinear` with half pixel centres and PyTorch without aligned corners do.
 *
 * @param maps [n, h, w]
 * @returns [n, H, W]
 */
export function upsampleBilinear(
  maps: Float32Array,
  [h, w]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float32Array {
  const rows = taps(h, height);
  const columns = taps(w, width);
  const count = maps.length / (h * w);
  const large = new Float32Array(count * height * width);
  for (let map = 0; map < count; map++) {
    const at = (y: number, x: number): number => maps[(map * h + y) * w + x]!;
    for (let y = 0; y < height; y++) {
      const [top, bottom, down] = rows[y]!;
      for (let x = 0; x < width; x++) {
        const [left, right, across] = columns[x]!;
        const above = at(top, left) * (1 - across) + at(top, right) * across;
        const below = at(bottom, left) * (1 - across) + at(bottom, right) * across;
        large[(map * height + y) * width + x] = above * (1 - down) + below * down;
      }
    }
  }
  return large;
}

/** Of each large pixel along an axis: the two small ones that it lies between, and the share of the second. */
function taps(small: number, large: number): [first: number, second: number, share: number][] {
  return Array.from({ length: large }, (_, i) => {
    const position = Math.min(small - 1, Math.max(0, ((i + 0.5) * small) / large - 0.5));
    const first = Math.floor(position);
    return [first, Math.min(first + 1, small - 1), position - first];
  });
}
