export { DEFAULT_MEMORY_BUDGET } from './class-chunks.ts';
export { DEFAULT_REDUCTION, REDUCTIONS, type Reduction } from './dominant.ts';
export { ExplainError, GraphError, MissingKernelError, UnsupportedLayerError } from './errors.ts';
export {
  type AsyncExplainOptions,
  createExplainer,
  type Explainer,
  type ExplainOptions,
  type Explanation,
  type ExplanationTensors,
  type NetworkInput,
  type Prediction,
} from './explainer.ts';
export { type FeatureMap, findFeatureMap } from './feature-map.ts';
export * from './layer-graph.ts';
export { DEFAULT_RULE, RULES, type Rule, type RuleDefinition } from './rules.ts';
export { DEFAULT_SEED, SEEDS, type Seed } from './seeds.ts';
export { LAYER_TYPES, type Shape, validateGraph } from './validate-graph.ts';
