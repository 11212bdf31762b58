import type { Seed } from '@clearmaps/deconvnet/graph';
import type { Values } from './runtime.ts';

/**
 * Classes whose seed is zero everywhere, in every image. Every step back sends zero to zero, so their responses are
 * zero, too, and need no sweep: of a thousand classes most have no evidence in a picture.
 *
 * @param featureMap z_L, [B, N, h, w]
 */
export function silentClasses({ shape, data }: Values, seed: Seed): ReadonlySet<number> {
  const [images, classes] = shape as [number, number];
  const places = data.length / (images * classes);
  const values = data as Float32Array;
  const isSilent = (c: number): boolean => {
    for (let image = 0; image < images; image++) {
      const from = (image * classes + c) * places;
      for (let i = from; i < from + places; i++) {
        const value = values[i]!;
        // Not the other way round: a NaN, from a net that overflows, is not silent.
        if (!(seed === 'positive' ? value <= 0 : value === 0)) return false;
      }
    }
    return true;
  };
  return seed === 'unit' ? new Set() : new Set([...Array(classes).keys()].filter(isSilent));
}
