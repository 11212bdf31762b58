import type { Seed } from './seeds.ts';

/** z_L as values: [B, N, h, w] where channels come first, else [B, h, w, N]. */
export interface FeatureMapValues {
  readonly data: Float32Array;
  readonly images: number;
  /** N. */
  readonly classes: number;
  readonly channelsFirst: boolean;
}

/**
 * Classes whose seed is zero everywhere, in every image. Every step back sends zero to zero, so their responses are
 * zero, too, and need no sweep: of a thousand classes most have no evidence in a picture.
 */
export function silentClasses(featureMap: FeatureMapValues, seed: Seed): ReadonlySet<number> {
  if (seed === 'unit') return new Set();
  const { data, images, classes, channelsFirst } = featureMap;
  const places = data.length / (images * classes);
  const [classStep, placeStep] = channelsFirst ? [places, 1] : [1, classes];
  const isSilent = (c: number): boolean => {
    for (let image = 0; image < images; image++) {
      const from = image * classes * places + c * classStep;
      for (let place = 0; place < places; place++) {
        const value = data[from + place * placeStep]!;
        // Not the other way round: a NaN, from a net that overflows, is not silent.
        if (!(seed === 'positive' ? value <= 0 : value === 0)) return false;
      }
    }
    return true;
  };
  return new Set([...Array(classes).keys()].filter(isSilent));
}
