import {
  forwardFlops,
  type GraphPlan,
  PAGE_TURN_EVERY,
  type Prediction,
  turnsFor,
} from '@clearmaps/deconvnet/graph';
import type { Engine } from './engine.ts';
import type { ImageTask } from './method.ts';

/**
 * Batches in one call of the engine, which puts those variants together whose windows change maps of the same sizes:
 * the more, the better it can. Between calls there is progress, and an end where one is wanted, so a call holds what
 * takes a second or two in whole passes on WebAssembly.
 */
const BATCHES_A_CALL = { least: 8, most: 32 } as const;
const CALL_FLOPS = 3e10;

export interface Variants {
  readonly count: number;
  /** Variants in one forward pass. */
  readonly batch: number;
  /** Pixels of a side of the window that differs. */
  readonly size: number;
  corner(variant: number): { readonly top: number; readonly left: number };
  /** Writes what the window holds, [size, size, C]. */
  fill(variant: number, into: Float32Array): void;
  /**
   * Called in the order of the variants.
   *
   * @param row of the variant in the scores
   */
  take(variant: number, scores: Prediction, row: number): void;
}

/** Class scores of variants of an image that differ from it in one window each, in batches, with progress. */
export async function scoreVariants(
  engine: Engine,
  plan: GraphPlan,
  { image, signal, step }: ImageTask,
  { count, batch, size, corner, fill, take }: Variants,
): Promise<void> {
  const values = size * size * plan.graph.inputShape[2];
  const score = (first: number, last: number): Promise<Prediction> => {
    const windows = {
      height: size,
      width: size,
      corners: new Int32Array(2 * (last - first)),
      values: new Float32Array((last - first) * values),
    };
    for (let i = 0; i < last - first; i++) {
      const { top, left } = corner(first + i);
      windows.corners.set([top, left], 2 * i);
      fill(first + i, windows.values.subarray(i * values, (i + 1) * values));
    }
    return engine.predictChanges(image, windows, { batch, signal });
  };
  // As many calls a thread, and all of a size.
  const atOnce = engine.callsAtOnce ?? 1;
  const { least, most } = BATCHES_A_CALL;
  const batches = Math.floor(CALL_FLOPS / (forwardFlops(plan) * batch));
  const mostACall = batch * Math.min(Math.max(batches, least), most);
  const perCall = Math.ceil(count / (atOnce * Math.ceil(count / (mostACall * atOnce))));
  const calls: { readonly first: number; readonly last: number; readonly scores: Promise<Prediction> }[] = [];
  let next = 0;
  // To fill the windows of a call takes a while, and calls begin several at once.
  const dueTurn = turnsFor(signal, PAGE_TURN_EVERY);
  try {
    while (next < count || calls.length > 0) {
      while (next < count && calls.length < atOnce) {
        const first = next;
        next = Math.min(first + perCall, count);
        const scores = score(first, next);
        // One that fails before its turn is heard of in its turn, or not at all after another.
        scores.catch(() => {});
        calls.push({ first, last: next, scores });
        await dueTurn();
      }
      const { first, last, scores } = calls[0]!;
      const scored = await scores;
      calls.shift();
      for (let i = first; i < last; i++) take(i, scored, i - first);
      await step(last, count);
    }
  } finally {
    // Whoever stops this may dispose of the engine next.
    await Promise.allSettled(calls.map(({ scores }) => scores));
  }
}
