import type { GraphPlan } from './graph-plan.ts';
import type { PlanLayerType } from './pool-last.ts';

/** Layers whose output has no negative value where no input has one. */
const KEEP: ReadonlySet<PlanLayerType> = new Set([
  'maxPool2d',
  'averagePool2d',
  'globalAveragePool2d',
  'zeroPadding2d',
  'flatten',
  'dropout',
  'add',
  'concat',
  'leakyRelu',
]);

/** The layers whose output has no negative value, whatever the image. */
export function neverNegative(plan: GraphPlan): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { name, type, inputs } of plan.layers.values()) {
    const rectifies = type === 'relu' || type === 'relu6';
    if (rectifies || (KEEP.has(type) && inputs.every((input) => found.has(input)))) found.add(name);
  }
  return found;
}
