import { PHOTO_RECIPE } from './photo-recipe.ts';
import type { TrainOptions } from './train-options.ts';

/**
 * How a trained net is fitted to other photographs, its inner layers too: at a low rate, so that what it knows is
 * bent and not overwritten, and with every picture changed each time it is seen, so that few go a long way. The
 * average over the last steps keeps less of what the last few pictures taught. Eight epochs, since two thousand small
 * pictures were learned by heart from there on (the README has the run).
 */
export const FINE_TUNING_RECIPE: TrainOptions = {
  ...PHOTO_RECIPE,
  epochs: 8,
  optimizer: { type: 'adam', weightDecay: 0.05 },
  schedule: { type: 'cosine', rate: 3e-4, warmup: 0.1 },
  labelSmoothing: 0.1,
  averageWeights: 0.99,
};
