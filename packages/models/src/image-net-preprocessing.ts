import type { Preprocessing } from '@clearmaps/deconvnet/graph';

/** torchvision's share of the short side that its centre crops keep: 224 of 256 pixels. */
const CROP = 224 / 256;

/**
 * What the weights of torchvision expect: RGB / 255, minus the mean and over the deviation of ImageNet, the short
 * side scaled to 256 pixels for a centre of 224.
 *
 * Source: https://pytorch.org/vision/stable/models.html (ImageClassification transform).
 *
 * @param inputShape [H, W, 3]
 */
export function torchvisionPreprocessing([height, width]: readonly number[]): Preprocessing {
  return {
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    resize: 'centerCrop',
    shortSide: Math.round(Math.min(height!, width!) / CROP),
  };
}

/**
 * What VGG16 and VGG19 of Keras expect, as Simonyan & Zisserman 2014 trained them: BGR bytes minus the means of
 * ImageNet. Keras scales pictures to the input without keeping their sides' ratio; here the centre is cut.
 *
 * Source: `preprocess_input` of keras.applications.imagenet_utils, mode 'caffe'.
 *
 * @param inputShape [H, W, 3]
 */
export function caffePreprocessing([height, width]: readonly number[]): Preprocessing {
  return {
    channels: 'bgr',
    scale: 1,
    mean: [103.939, 116.779, 123.68],
    std: [1, 1, 1],
    resize: 'centerCrop',
    shortSide: Math.round(Math.min(height!, width!) / CROP),
  };
}
