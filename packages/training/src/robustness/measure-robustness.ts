import type { LabelledImages } from '@clearmaps/datasets';
import { wilsonInterval } from '@clearmaps/evaluation';
import { TrainingError } from '../errors.ts';
import { changeImages, type ImageChange, imageChangesFor } from './image-changes.ts';

/** How a net does on changed images. */
export interface RobustnessResult {
  readonly change: string;
  /** Where several changes are alike but for it: `left`. */
  readonly direction?: string;
  readonly images: number;
  /** Decided right. */
  readonly right: number;
  /** Share, 0..1. */
  readonly accuracy: number;
  /** 95 %, Wilson: [low, high]. */
  readonly interval: readonly [number, number];
}

export interface RobustnessOptions {
  /** Default {@link imageChangesFor} the set. */
  readonly changes?: readonly ImageChange[];
  /** Of the noise: any integer; default 1. */
  readonly seed?: number;
  /** Images changed and decided at a time; default 500. */
  readonly batchSize?: number;
  /** Told after each batch: images done of all changes together. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Measures what a net makes of pictures that are moved, turned, resized, noisy or in another light: how much of its
 * accuracy it owes to the data set's tidiness.
 *
 * @param countRight decides images and tells how many it decided right
 * @returns one result a change, in the order of the changes
 * @throws TrainingError when there is no image or an option is out of range; whatever `countRight` throws; the
 *   signal's reason once aborted.
 */
export async function measureRobustness(
  set: LabelledImages,
  countRight: (images: LabelledImages) => Promise<number>,
  { changes = imageChangesFor(set), seed = 1, batchSize = 500, onProgress, signal }: RobustnessOptions = {},
): Promise<readonly RobustnessResult[]> {
  const fits = set.count > 0 && Number.isSafeInteger(seed) && Number.isInteger(batchSize) && batchSize >= 1;
  if (!fits) {
    throw new TrainingError({
      asked: 'robustness',
      got: `${set.count} images in batches of ${batchSize}, seed ${seed}`,
      allowed: 'at least one image, batches of at least one, an integer',
    });
  }
  const results: RobustnessResult[] = [];
  for (const change of changes) {
    let right = 0;
    for (let begin = 0; begin < set.count; begin += batchSize) {
      signal?.throwIfAborted();
      const end = Math.min(set.count, begin + batchSize);
      right += await countRight(changeImages(set, change, { begin, end, seed }));
      onProgress?.(results.length * set.count + end, changes.length * set.count);
    }
    results.push(robustnessResult(change, right, set.count));
  }
  return results;
}

export function robustnessResult(
  { name, direction }: Pick<ImageChange, 'name' | 'direction'>,
  right: number,
  images: number,
): RobustnessResult {
  return {
    change: name,
    ...(direction !== undefined && { direction }),
    images,
    right,
    accuracy: right / images,
    interval: wilsonInterval(right, images),
  };
}
