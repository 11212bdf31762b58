import type { LayerGraph, Preprocessing } from '@clearmaps/deconvnet/graph';

/** Caffe's, as of SqueezeNet's authors (Iandola et al. 2016): BGR, less the mean of ImageNet's pixels. */
export const CAFFE_PREPROCESSING: Preprocessing = {
  channels: 'bgr',
  scale: 1,
  mean: [104, 117, 123],
  std: [1, 1, 1],
  resize: 'centerCrop',
  shortSide: 256,
};

/** How pictures become the input of nets whose files do not say it, by the name in the file or of it. */
const PREPROCESSING: Readonly<Record<string, Preprocessing>> = {
  squeezenet1_1: CAFFE_PREPROCESSING,
  'squeezenet1.1': CAFFE_PREPROCESSING,
};

/** What is known of a net by its name, where its input has the channels for it. */
export function wellKnownPreprocessing({
  name,
  inputShape,
}: Pick<LayerGraph, 'name' | 'inputShape'>): Preprocessing | undefined {
  return inputShape[2] === 3 && Object.hasOwn(PREPROCESSING, name) ? PREPROCESSING[name] : undefined;
}
