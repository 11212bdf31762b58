export { againstOthers } from './contrast.ts';
export { decideMany, decisionOf } from './decide-many.ts';
export { EvaluationError } from './errors.ts';
export type { ExplainedNet } from './explained-net.ts';
export { batchSizeFor, type InputBatch, inputBatches } from './input-batches.ts';
export {
  changedClassShare,
  classCorrelation,
  energyShare,
  maskDifference,
} from './measures/class-difference.ts';
export {
  type ImageMeasures,
  MEASURES,
  type MeasureName,
  type MeasureOptions,
  measureExplanations,
} from './measures/explanation-measures.ts';
export { correlation, rankCorrelation } from './measures/map-correlation.ts';
export { maxSensitivity, type SensitivityOptions } from './measures/max-sensitivity.ts';
export { type Mean, meanOf } from './measures/mean.ts';
export {
  areaOver,
  areaUnder,
  type Perturbation,
  type PerturbationCurve,
  perturbationCurves,
} from './measures/perturbation-curve.ts';
export {
  type CheckedImages,
  labelRandomisation,
  modelRandomisation,
  type RandomisationStep,
} from './measures/randomisation-check.ts';
export { giniIndex } from './measures/sparsity.ts';
export { distanceToPaper, PAPER_TABLE1, type PaperRow, passes } from './paper-table1.ts';
export { randomisedGraph, weightedLayers } from './randomised-graph.ts';
export { type Removal, removedPixel, usualRemoval } from './removed-pixel.ts';
export {
  bestAtArea,
  closestToPaper,
  lead,
  mostTelling,
  RECOMMENDED_SETTING,
  type Setting,
  type StudiedNet,
  type StudiedSetting,
  type StudyChoice,
  tellsLearning,
} from './rule-study.ts';
export { type Share, shareOf } from './share.ts';
export {
  byFallingResponse,
  DEFAULT_THRESHOLD,
  STRONG_FEATURE_REDUCTION,
  strongestPixels,
  strongFeatures,
} from './strong-features.ts';
export {
  CONTROLS,
  type Control,
  type Cut,
  type Masked,
  type MaskedRow,
  measureTable1,
  type Table1,
  type Table1Options,
} from './table1.ts';
export { wilsonInterval } from './wilson-interval.ts';
