import { strongFeatures } from '@clearmaps/evaluation';
import type { Picture } from '@clearmaps/models';

/**
 * The strong features of a class alone, and a picture without them (CLEAR, Table 1).
 *
 * @param response [H*W]: R(x|c)
 * @param threshold share of its maximum, 0..1
 * @param blank the byte that stands where a pixel was taken away: 0 is the ground of a digit, 128 is grey
 */
export function eraseStrong(
  picture: Picture,
  response: Float32Array,
  threshold: number,
  blank: number,
): { readonly only: Picture; readonly without: Picture; readonly share: number } {
  const { data, channels } = picture;
  const strong = strongFeatures(response, threshold);
  const only = Uint8Array.from(data);
  const without = Uint8Array.from(data);
  strong.forEach((isStrong, pixel) => {
    const from = isStrong ? without : only;
    // Alpha, where there is one, stays.
    from.fill(blank, pixel * channels, pixel * channels + Math.min(3, channels));
  });
  return {
    only: { ...picture, data: only },
    without: { ...picture, data: without },
    share: strong.reduce((sum, isStrong) => sum + isStrong, 0) / strong.length,
  };
}
