/**
 * All that an engine needs besides arithmetic, and nothing that imports TensorFlow.js: the LayerGraph, its checks
 * and geometry, the names of rules, seeds and reductions, the options and answers of explaining.
 */
export type { ChangedWindows, ChangeOptions } from './changed-windows.ts';
export { classesWithin, evenChunks } from './class-chunks.ts';
export {
  type Composite,
  isPassedByRelevance,
  type LayerRuleChoice,
  layerRuleOf,
  relevanceShares,
} from './composite.ts';
export { ExplainError, GraphError, MissingKernelError, UnsupportedLayerError } from './errors.ts';
export { explainInTurns, type Sweeps } from './explain-in-turns.ts';
export {
  type AsyncExplainOptions,
  checkExplainNames,
  checkExplainOptions,
  type ExplainOptions,
} from './explain-options.ts';
export { type Explanation, type LayerResponses, OTHERS, type Prediction } from './explanation.ts';
export { ExplanationBuilder, type Swept } from './explanation-builder.ts';
export { type FeatureMap, findFeatureMap } from './feature-map.ts';
export {
  denseSweepFlops,
  forwardFlops,
  largestConvolution,
  layerFlops,
  type SweepWork,
  sweepFlops,
} from './flops.ts';
export { foldAffine } from './fold-affine.ts';
export { GraphPlan } from './graph-plan.ts';
export { checkImages } from './input-images.ts';
export { type LayerCost, layerCost } from './layer-cost.ts';
export * from './layer-graph.ts';
export {
  DEFAULT_GAMMA,
  GIVEN,
  type InputPart,
  type KernelPart,
  keyOf,
  type LayerRule,
  partOf,
  type Share,
  type Wire,
} from './layer-rules.ts';
export { DEFAULT_MEMORY_BUDGET, rowsAtOnce, weightBytes } from './memory-budget.ts';
export { planFor } from './plan-for.ts';
export type { MeanGateLayer, PlanLayer, PlanLayerType } from './pool-last.ts';
export { isRectifier, type Rectifier } from './rectifiers.ts';
export { DEFAULT_REDUCTION, REDUCTIONS, type Reduction } from './reductions.ts';
export * from './rules.ts';
export { DEFAULT_SEED, SEEDS, type Seed } from './seeds.ts';
export { type FeatureMapValues, silentClasses } from './silent-classes.ts';
export { type DueTurn, PAGE_TURN_EVERY, turnsFor } from './steps.ts';
export { type AskedRows, areSingle, askedRows, type Row } from './sweep-rows.ts';
export type { SweptClasses } from './swept-classes.ts';
export { LAYER_TYPES, layerShape, type Shape, validateGraph } from './validate-graph.ts';
export { wayBack } from './way-back.ts';
export { type AxisGeometry, type WindowGeometry, windowGeometry } from './window-geometry.ts';
