import type { GraphPlan } from './graph-plan.ts';
import type { WindowGeometry } from './window-geometry.ts';

/**
 * Bytes that one class of a sweep needs at its widest layer: the response that arrives, the one that leaves and
 * one intermediate of the larger size; pools whose windows meet have three, their windows beside one another.
 * Branches that wait to be added up are counted with their layer.
 */
export function bytesPerClass(plan: GraphPlan, batch: number): number {
  const size = (name: string): number => plan.spatialShape(name).reduce((a, b) => a * b, 1);
  let widest = 0;
  for (const layer of plan.layers.values()) {
    const into = layer.inputs.reduce((total, name) => total + size(name), 0);
    const out = layer.type === 'softmax' ? 0 : size(layer.name);
    const between =
      'poolSize' in layer ? poolIntermediates(plan.poolGeometry(layer), into, out) : Math.max(into, out);
    widest = Math.max(widest, into + out + between);
  }
  return widest * batch * Float32Array.BYTES_PER_ELEMENT;
}

function poolIntermediates({ y, x }: WindowGeometry, into: number, out: number): number {
  const sideBySide = out * y.stride * x.stride;
  const meet = y.kernel > y.stride || x.kernel > x.stride;
  return meet ? sideBySide + 2 * Math.max(into, sideBySide) : Math.max(into, sideBySide);
}

/**
 * How many classes a sweep may take under a budget of bytes: at least one.
 *
 * @param read bytes of a class that are read on the way and held until the sweep's end
 */
export function classesWithin(plan: GraphPlan, batch: number, budget: number, read = 0): number {
  return Math.max(Math.floor(budget / (bytesPerClass(plan, batch) + read)), 1);
}

/** Cuts a list into parts of at most `most`, as even as they come; of an empty list none. */
export function evenChunks<T>(list: readonly T[], most: number): T[][] {
  if (list.length === 0) return [];
  const chunks = Math.ceil(list.length / Math.min(most, list.length));
  return Array.from({ length: chunks }, (_, i) =>
    list.slice(Math.floor((i * list.length) / chunks), Math.floor(((i + 1) * list.length) / chunks)),
  );
}
