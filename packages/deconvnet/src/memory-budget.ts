import { classesWithin } from './class-chunks.ts';
import { relevanceShares } from './composite.ts';
import type { AsyncExplainOptions } from './explain-options.ts';
import type { GraphPlan } from './graph-plan.ts';
import { INPUT } from './layer-graph.ts';
import { GIVEN, keyOf } from './layer-rules.ts';
import { DEFAULT_RULE, definitionOf } from './rules.ts';

/** 512 MiB. */
export const DEFAULT_MEMORY_BUDGET = 512 * 2 ** 20;

/** Of what is left for a sweep: workspaces of operators, gaps of allocators and a memory that only grows take the rest. */
const SWEEP_SHARE = 0.25;

/**
 * How many classes or groups a sweep may take, so that with the weights, the trace of the forward pass and all that
 * is kept of the maps it stays under the budget: at least one.
 *
 * @param rows classes or groups in all
 * @param forwardBytes what the sweeps read of the forward pass, and what that takes more than the sweeps do
 */
export function rowsAtOnce(
  plan: GraphPlan,
  images: number,
  rows: number,
  forwardBytes: number,
  options: AsyncExplainOptions,
): number {
  const { memoryBudget = DEFAULT_MEMORY_BUDGET } = options;
  const held = weightBytes(plan, options) + forwardBytes + keptBytes(plan, images, rows, options);
  const read = images * layerValues(plan, options) * Float32Array.BYTES_PER_ELEMENT;
  return classesWithin(plan, images, (memoryBudget - held) * SWEEP_SHARE, read);
}

/**
 * Each weight as it is and as the way back wants it, of relevance also the parts that go each way; the first kernel on
 * that way in one form more.
 */
export function weightBytes(plan: GraphPlan, { rule = DEFAULT_RULE }: AsyncExplainOptions): number {
  const { composite } = definitionOf(rule);
  const shares = composite && relevanceShares(plan, composite);
  let [all, largest] = [0, 0];
  for (const layer of plan.layers.values()) {
    if (!('kernel' in layer)) continue;
    const { byteLength } = layer.kernel.values;
    const wires = shares?.get(layer.name)?.flatMap((share) => share.wires) ?? [];
    const parts = new Set(wires.map(({ kernel }) => keyOf(kernel)));
    parts.delete(keyOf(GIVEN));
    largest = Math.max(largest, byteLength);
    all += byteLength * (2 + 2 * parts.size);
  }
  return all + largest;
}

/** What does not go away with a sweep: dominant maps, and per class what the options ask for. */
function keptBytes(plan: GraphPlan, images: number, rows: number, options: AsyncExplainOptions): number {
  const [height, width, channels] = plan.spatialShape(options.at ?? INPUT);
  const { maps = true, responses = false, others = false, onClasses } = options;
  const perRow = Number(maps) + (responses && !onClasses ? channels : 0);
  const values =
    images * (height * width * (rows * perRow + 3 + Number(others)) + rows * layerValues(plan, options));
  return values * Float32Array.BYTES_PER_ELEMENT;
}

/** Of one row and image at all layers whose responses are wanted on the way. */
function layerValues(plan: GraphPlan, { layers = [] }: AsyncExplainOptions): number {
  return layers.reduce((sum, name) => sum + plan.spatialShape(name).reduce((a, b) => a * b, 1), 0);
}
