import type { Units } from './units.ts';

export interface StrongImage {
  /** In the images given. */
  readonly index: number;
  readonly response: number;
}

export interface StrongestOptions {
  /** How many are told; 9 unless told, as Zeiler & Fergus 2014 show in figure 2. */
  readonly count?: number;
  /** Images in one pass; 16 unless told. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The images of a set that a unit answers most strongly to, wherever in the image; the earlier first among equals.
 *
 * @param images [n, H, W, C]
 * @throws MethodError for a unit that does not exist; the signal's reason once it is aborted.
 */
export async function strongestImages(
  units: Units,
  unit: number,
  images: Float32Array,
  { count = 9, batch = 16, signal, onProgress }: StrongestOptions = {},
): Promise<StrongImage[]> {
  const size = units.plan.graph.inputShape.reduce((a, b) => a * b);
  const total = images.length / size;
  let best: StrongImage[] = [];
  for (let first = 0; first < total; first += batch) {
    signal?.throwIfAborted();
    const responses = await units.respond(unit, images.slice(first * size, (first + batch) * size));
    const found = Array.from(responses, (response, i) => ({ index: first + i, response }));
    best = [...best, ...found].sort((a, b) => b.response - a.response || a.index - b.index).slice(0, count);
    onProgress?.(first + responses.length, total);
    if (signal !== undefined || onProgress !== undefined) await new Promise((turn) => setTimeout(turn));
  }
  return best;
}
