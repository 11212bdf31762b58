import type { Prediction } from '@clearmaps/deconvnet/graph';
import type { Engine } from './engine.ts';
import type { ImageTask } from './method.ts';

/** In one call of the engine at most, which puts those together whose windows change maps of the same sizes. */
const BATCHES_A_CALL = 8;

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
  { image, step }: ImageTask,
  channels: number,
  { count, batch, size, corner, fill, take }: Variants,
): Promise<void> {
  const values = size * size * channels;
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
    return engine.predictChanges(image, windows, { batch });
  };
  // As many calls a thread, and all of a size.
  const atOnce = engine.callsAtOnce ?? 1;
  const perCall = Math.ceil(count / (atOnce * Math.ceil(count / (BATCHES_A_CALL * batch * atOnce))));
  const calls: { readonly first: number; readonly last: number; readonly scores: Promise<Prediction> }[] = [];
  let next = 0;
  try {
    while (next < count || calls.length > 0) {
      while (next < count && calls.length < atOnce) {
        const first = next;
        next = Math.min(first + perCall, count);
        calls.push({ first, last: next, scores: score(first, next) });
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
