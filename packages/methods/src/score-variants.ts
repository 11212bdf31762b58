import type { Prediction } from '@clearmaps/deconvnet/graph';
import type { Engine } from './engine.ts';
import type { ImageTask } from './method.ts';

export interface Variants {
  readonly count: number;
  /** Variants in one forward pass. */
  readonly batch: number;
  /** Changes a copy of the image, [H, W, C], into a variant. */
  change(variant: number, copy: Float32Array): void;
  /** @param row of the variant in the scores of its batch */
  take(variant: number, scores: Prediction, row: number): void;
}

/** Class scores of many variants of an image, in batches, with progress. */
export async function scoreVariants(
  engine: Engine,
  { image, step }: ImageTask,
  { count, batch, change, take }: Variants,
): Promise<void> {
  for (let first = 0; first < count; first += batch) {
    const size = Math.min(batch, count - first);
    const images = new Float32Array(size * image.length);
    for (let i = 0; i < size; i++) {
      images.set(image, i * image.length);
      change(first + i, images.subarray(i * image.length, (i + 1) * image.length));
    }
    const scores = await engine.predict(images);
    for (let i = 0; i < size; i++) take(first + i, scores, i);
    await step(first + size, count);
  }
}
