import type { LabelledImages } from '@clearmaps/datasets';

/** Feature maps of images in their place: what a head learns from when all below it is frozen. */
export interface FeatureMaps extends Omit<LabelledImages, 'images' | 'channels'> {
  /** [count, height, width, channels], row-major. */
  readonly images: Float32Array;
  readonly channels: number;
}

/** What a net is trained on: images as bytes, or feature maps, which are taken as they are. */
export type TrainingSet = LabelledImages | FeatureMaps;

export function areFeatureMaps(set: TrainingSet): set is FeatureMaps {
  return set.images instanceof Float32Array;
}
