export { Random, type RandomState } from '@clearmaps/random';
export type { ColourJitterOptions } from './augmentation/colour-jitter.ts';
export type { CropOptions } from './augmentation/crop-window.ts';
export type { ElasticOptions } from './augmentation/elastic-field.ts';
export type { AugmentationOptions } from './augmentation.ts';
export type { BestEpoch, Checkpoint } from './checkpoint.ts';
export { checkpointFromBytes, checkpointToBytes } from './checkpoint-bytes.ts';
export {
  type CrossValidationProgress,
  type CrossValidationRecord,
  type CrossValidationRequest,
  crossValidate,
  type FoldResult,
} from './cross-validation.ts';
export { type DividedNet, divideNet, withTrainedHead } from './divided-net.ts';
export { TrainingError } from './errors.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export { FeatureExtractor, mirrored } from './feature-extractor.ts';
export { FINE_TUNING_RECIPE } from './fine-tuning-recipe.ts';
export {
  type GradientSource,
  type GradientSourceFactory,
  gradientsHere,
  type StepGradients,
  type StepTask,
} from './gradient-source.ts';
export { graphWithWeights, type ParameterMap } from './graph-weights.ts';
export { HEAD_RECIPE } from './head-recipe.ts';
export {
  freshHouseNumbers,
  HOUSE_NUMBER_RECIPES,
  type HouseNumberRecipe,
} from './house-number-recipes.ts';
export type { OptimizerOptions } from './optimizers.ts';
export { PHOTO_RECIPE } from './photo-recipe.ts';
export {
  changeImages,
  IMAGE_CHANGES,
  type ImageChange,
  imageChangesFor,
} from './robustness/image-changes.ts';
export {
  measureRobustness,
  type RobustnessOptions,
  type RobustnessResult,
} from './robustness/measure-robustness.ts';
export { learningRate, type Schedule } from './schedules.ts';
export { type FreshImages, type StepReport, type TrainRequest, type TrainResult, train } from './train.ts';
export { TRAIN_DEFAULTS, TRAIN_PRESETS, type TrainOptions, trainOptions } from './train-options.ts';
export {
  type Batch,
  outcomeWeights,
  type StepResult,
  Trainer,
  type TrainerOptions,
  type TrainerState,
} from './trainer.ts';
export type { DataRecord, EpochRecord, TrainingRecord } from './training-record.ts';
export type { FeatureMaps, TrainingSet } from './training-set.ts';
