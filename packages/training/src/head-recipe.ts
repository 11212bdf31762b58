import { TRAIN_DEFAULTS, type TrainOptions } from './train-options.ts';

/**
 * How a head learns from the feature maps of a frozen trunk: strongly held back, for there are few pictures and many
 * features. Mirrored pictures are all the augmentation that maps computed once allow.
 */
export const HEAD_RECIPE: TrainOptions = {
  ...TRAIN_DEFAULTS,
  epochs: 30,
  optimizer: { type: 'adam', weightDecay: 5 },
  schedule: { type: 'cosine', rate: 1e-3, warmup: 0.1 },
  labelSmoothing: 0.1,
};
