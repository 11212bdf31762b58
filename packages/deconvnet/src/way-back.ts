import type { GraphPlan } from './graph-plan.ts';
import type { PlanLayer } from './pool-last.ts';

/** The layers between image and feature map, the latter's own included, in topological order. */
export function wayBack(plan: GraphPlan): PlanLayer[] {
  const reached = new Set([plan.featureMap.layer]);
  for (const layer of [...plan.layers.values()].toReversed()) {
    if (reached.has(layer.name)) for (const input of layer.inputs) reached.add(input);
  }
  return [...plan.layers.values()].filter((layer) => reached.has(layer.name));
}
