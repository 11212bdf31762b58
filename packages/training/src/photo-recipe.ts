import { TRAIN_DEFAULTS, type TrainOptions } from './train-options.ts';

/**
 * How a net is trained on photographs of things that have no left or right: parts of them, mirrored, in other light.
 */
export const PHOTO_RECIPE: TrainOptions = {
  ...TRAIN_DEFAULTS,
  augmentation: {
    crop: { area: [0.5, 1] },
    flip: true,
    colour: { brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 5 },
    background: 'edge',
  },
};
