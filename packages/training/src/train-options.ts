import { type AugmentationOptions, checkAugmentation } from './augmentation.ts';
import { TrainingError } from './errors.ts';
import { checkOptimizer, type OptimizerOptions } from './optimizers.ts';
import { checkSchedule, type Schedule } from './schedules.ts';
import { checkAverageDecay } from './weight-average.ts';

/** What decides the outcome of a run, together with graph, data and split. Plain data: it is recorded as it is. */
export interface TrainOptions {
  /** Passes over the training part, from 1. */
  readonly epochs: number;
  /** Images a step, from 1; the last step of an epoch takes what is left. */
  readonly batchSize: number;
  /** Of the order of images, augmentation and dropout: any integer. */
  readonly seed: number;
  readonly optimizer: OptimizerOptions;
  readonly schedule: Schedule;
  /** 0 <= e < 1. */
  readonly labelSmoothing: number;
  /** null: none. */
  readonly augmentation: AugmentationOptions | null;
  /** Names of layers whose weights stay as they are, for fine-tuning; default none. */
  readonly freeze?: readonly string[];
  /**
   * Decay of the exponential moving average of the weights over the steps, 0 <= x < 1: 0.99 averages over about 100
   * steps. The averaged net is then what is measured, kept and given out. Default: the weights as they are.
   */
  readonly averageWeights?: number;
  /**
   * Measures each image by the mean of the class scores of it and of its mirror image, for things that have no left
   * or right: of no effect on the weights. Default by its own scores.
   */
  readonly mirrorAtTest?: boolean;
}

/** What `train` takes for a graph that has no row in {@link TRAIN_PRESETS}. */
export const TRAIN_DEFAULTS: TrainOptions = {
  epochs: 24,
  batchSize: 32,
  seed: 1,
  optimizer: { type: 'adam', weightDecay: 0.02 },
  schedule: { type: 'oneCycle', rate: 3e-3, warmup: 0.25, startDivisor: 10 },
  labelSmoothing: 0,
  augmentation: null,
};

/** What `train` takes for a graph of that name; the bundled weights were made with these. */
export const TRAIN_PRESETS: Readonly<Record<string, TrainOptions>> = {
  mnist: { ...TRAIN_DEFAULTS, augmentation: { shift: 2, rotate: 12, scale: 0.12 } },
};

/**
 * The options of a run: those given, over the preset of the graph's name, over the defaults.
 *
 * @throws TrainingError for options out of range.
 */
export function trainOptions(graphName: string, given: Partial<TrainOptions> = {}): TrainOptions {
  const preset = Object.hasOwn(TRAIN_PRESETS, graphName) ? TRAIN_PRESETS[graphName] : TRAIN_DEFAULTS;
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const options = { ...preset, ...Object.fromEntries(set) } as TrainOptions;
  const check = (what: string, value: number, allowed: string, fits: boolean): void => {
    if (!fits) throw new TrainingError({ asked: `training: ${what}`, got: String(value), allowed });
  };
  const { epochs, batchSize, seed, labelSmoothing, averageWeights } = options;
  check('epochs', epochs, 'integers from 1', Number.isSafeInteger(epochs) && epochs >= 1);
  check('batchSize', batchSize, 'integers from 1', Number.isSafeInteger(batchSize) && batchSize >= 1);
  check('seed', seed, 'integers', Number.isSafeInteger(seed));
  check('labelSmoothing', labelSmoothing, '0 <= x < 1', labelSmoothing >= 0 && labelSmoothing < 1);
  if (averageWeights !== undefined) checkAverageDecay(averageWeights);
  checkOptimizer(options.optimizer);
  checkSchedule(options.schedule);
  if (options.augmentation) checkAugmentation(options.augmentation);
  return options;
}
