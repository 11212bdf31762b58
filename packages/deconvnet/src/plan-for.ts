import type { Composite } from './composite.ts';
import { foldAffine } from './fold-affine.ts';
import { GraphPlan } from './graph-plan.ts';
import type { LayerGraph } from './layer-graph.ts';
import { definitionOf, type Rule } from './rules.ts';

/**
 * The plan by which a rule is swept. Relevance goes unchanged through affine layers, so those that can be are folded
 * into the layers before them first.
 */
export function planFor(graph: LayerGraph, rule: Rule | Composite): GraphPlan {
  return new GraphPlan(definitionOf(rule).composite ? foldAffine(graph) : graph);
}
