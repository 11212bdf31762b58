import type { GraphPlan } from './graph-plan.ts';

/** 256 MiB: all ten classes of the nets of Tables 2 and 3 at once, three at a time of Table 4. */
export const DEFAULT_MEMORY_BUDGET = 256 * 2 ** 20;

/**
 * Bytes that one class of a sweep needs at its widest layer: the response that arrives, the one that leaves and
 * one intermediate of the larger size. Branches that wait to be added up are counted with their layer.
 */
export function bytesPerClass(plan: GraphPlan, batch: number): number {
  const size = (name: string): number => plan.spatialShape(name).reduce((a, b) => a * b, 1);
  let widest = 0;
  for (const layer of plan.layers.values()) {
    const into = layer.inputs.reduce((total, name) => total + size(name), 0);
    const out = layer.type === 'softmax' ? 0 : size(layer.name);
    widest = Math.max(widest, into + out + Math.max(into, out));
  }
  return widest * batch * Float32Array.BYTES_PER_ELEMENT;
}

/** Cuts the classes into sweeps that stay under the budget, at least one class each, as even as they come. */
export function classChunks(
  plan: GraphPlan,
  classes: readonly number[],
  batch: number,
  budget: number,
): number[][] {
  const fitting = Math.floor(budget / bytesPerClass(plan, batch));
  const most = Math.min(Math.max(fitting, 1), classes.length);
  const chunks = Math.ceil(classes.length / most);
  return Array.from({ length: chunks }, (_, i) =>
    classes.slice(Math.floor((i * classes.length) / chunks), Math.floor(((i + 1) * classes.length) / chunks)),
  );
}
