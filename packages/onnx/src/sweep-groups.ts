import { classesWithin, evenChunks, type GraphPlan } from '@clearmaps/deconvnet/graph';

/**
 * Bytes that the responses of one group of classes may take, an image each: what stays in the caches of a core
 * and of its neighbours. All ten classes of the nets of Tables 2 and 3 fit; of Table 4 they go one by one, which
 * is no slower there than any larger group (measured) and takes a tenth of the memory.
 */
export const GROUP_BUDGET = 8 * 2 ** 20;

/**
 * onnxruntime takes four times as long to load a graph of twice the nodes: for SqueezeNet 0.4 s with 8 groups, 1.4 s
 * with 16, 6.3 s with 32 (measured). A thousand classes go in 16 groups, and take the memory that this needs.
 */
const MOST_GROUPS = 16;

/** Cuts the classes of one graph into the groups that its sweeps take. */
export function sweepGroups(plan: GraphPlan, classes: readonly number[]): number[][] {
  const most = classesWithin(plan, 1, GROUP_BUDGET);
  if (Math.ceil(classes.length / most) <= MOST_GROUPS) return evenChunks(classes, most);
  const size = Math.ceil(classes.length / MOST_GROUPS);
  return Array.from({ length: Math.ceil(classes.length / size) }, (_, i) =>
    classes.slice(i * size, (i + 1) * size),
  );
}
