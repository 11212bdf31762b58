import { type GraphPlan, INPUT, type PlanLayer, wayBack } from '@clearmaps/deconvnet/graph';

/** Where a walk back through a net stops: at the output of a layer, or at the pixels. */
export interface WalkStop {
  readonly name: string;
  /** Absent at the pixels. */
  readonly layer?: PlanLayer;
  /** [h, w, c] */
  readonly shape: readonly [number, number, number];
  /** [h, w, c] of what the layer took, by the names in `layer.inputs`. */
  readonly inputShapes: readonly (readonly [number, number, number])[];
  /** The layers that took this output: their responses arrive here, and are added up. */
  readonly from: readonly string[];
}

/**
 * All stops from the feature map down to the pixels, each after all those whose responses arrive at it: the reverse of
 * a topological order, so that nets that branch are walked like chains.
 *
 * @param plan that of the rule: see `planFor`
 */
export function walkStops(plan: GraphPlan): WalkStop[] {
  const passed = wayBack(plan);
  const stop = (name: string, layer?: PlanLayer): WalkStop => ({
    name,
    layer,
    shape: plan.spatialShape(name),
    inputShapes: layer?.inputs.map((input) => plan.spatialShape(input)) ?? [],
    from: name === plan.featureMap.layer ? [] : [...new Set(plan.consumers.get(name)!)],
  });
  return [...passed.toReversed().map((layer) => stop(layer.name, layer)), stop(INPUT)];
}
