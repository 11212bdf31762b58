import { mulberry32, shuffle } from '@clearmaps/random';
import { DatasetError } from './errors.ts';
import { groupByClass, type Split, splitOf } from './splits.ts';

export interface FoldOptions {
  /** Parts to cut the set into, from 2. */
  readonly folds: number;
  readonly seed: number;
  /**
   * Cuts only what this split trains on, so that its held-out part stays unseen while settings are chosen by folds.
   * Default all images.
   */
  readonly within?: Split;
}

/**
 * Cuts a data set into parts for cross-validation: split k holds out part k and trains on all others, so each image
 * is held out exactly once. Classes are shuffled in label order by one mulberry32 stream and dealt out in turn, so
 * parts differ by one image at most, in every class and in all.
 *
 * @param labels [count], integers >= 0
 * @returns one split a part
 * @throws DatasetError when a label or the seed is no such integer, or there are more folds than images.
 */
export function stratifiedFolds(labels: ArrayLike<number>, { folds, seed, within }: FoldOptions): Split[] {
  if (within) return foldsWithin(within, labels, { folds, seed });
  if (!Number.isInteger(folds) || folds < 2 || folds > labels.length) {
    throw new DatasetError({
      asked: `folds of ${labels.length} images`,
      got: String(folds),
      allowed: `integers 2..${labels.length}`,
    });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new DatasetError({ asked: 'folds: seed', got: String(seed), allowed: 'integers' });
  }
  const next = mulberry32(seed);
  const foldOf = new Int32Array(labels.length);
  let dealt = 0;
  for (const members of groupByClass(labels)) {
    for (const index of shuffle(members, next)) foldOf[index] = dealt++ % folds;
  }
  return Array.from({ length: folds }, (_, fold) =>
    splitOf(labels, (index) => foldOf[index] === fold, {
      method: 'stratified-folds-mulberry32-1',
      seed,
      share: null,
      fold: { number: fold + 1, of: folds },
    }),
  );
}

/** The folds of the training part's own labels, their indices and records led back to the whole set's. */
function foldsWithin(within: Split, labels: ArrayLike<number>, options: FoldOptions): Split[] {
  const part = Int32Array.from(within.train, (index) => labels[index]!);
  const back = (indices: Uint32Array): Uint32Array => indices.map((index) => within.train[index]!);
  return stratifiedFolds(part, options).map(({ train, heldOut, record }) => ({
    train: back(train),
    heldOut: back(heldOut),
    record: { ...record, fold: { ...record.fold!, within: within.record.checksum } },
  }));
}

/** All images to train on, none held out: for a run that is measured on other data. */
export function undividedSplit(labels: ArrayLike<number>): Split {
  return splitOf(labels, () => false, { method: 'undivided-1', seed: 0, share: 0 });
}
