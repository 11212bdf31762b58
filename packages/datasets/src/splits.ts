import { mulberry32, shuffle } from '@clearmaps/random';
import { DatasetError } from './errors.ts';

/** What to hold out: a share of the images or a number of them. */
export type HeldOutOptions = { readonly seed: number } & (
  | { /** 0 < share < 1. */ readonly share: number; readonly count?: undefined }
  | { /** 1..labels.length-1. */ readonly count: number; readonly share?: undefined }
);

/** How a split was made: plain data to save beside the model that was trained on it. */
export interface SplitRecord {
  readonly method: 'stratified-mulberry32-1' | 'stratified-folds-mulberry32-1' | 'undivided-1';
  readonly seed: number;
  /**
   * Of `stratifiedFolds`: which of how many parts is held out, from 1, and the checksum of the split whose training
   * part was cut into them, where it was not the whole set: the counts are then of that part.
   */
  readonly fold?: { readonly number: number; readonly of: number; readonly within?: string };
  /** What was asked for, as a share of all images; null when a count was asked for. */
  readonly share: number | null;
  readonly counts: {
    readonly total: number;
    readonly train: number;
    readonly heldOut: number;
    /** Held-out images by label. */
    readonly heldOutByClass: readonly number[];
  };
  /** FNV-1a (32 bits, hex) over all labels and the held-out indices: the same data in the same order, split the same way. */
  readonly checksum: string;
}

export interface Split {
  /** Ascending indices. */
  readonly train: Uint32Array;
  /** Ascending indices. */
  readonly heldOut: Uint32Array;
  readonly record: SplitRecord;
}

/**
 * Splits a data set into a part to train on and a part held out, each class in proportion to its size.
 *
 * Classes are shuffled in label order by one mulberry32 stream (Fisher-Yates) and give their first images; the
 * number a class gives is its proportional part rounded down, and the images still missing are taken one each
 * from the classes with the largest remainders (the lower label first among equals).
 *
 * @param labels [count], integers >= 0.
 * @throws DatasetError when a label is not such an integer, the seed is no integer, or either part would be empty.
 */
export function heldOutSplit(labels: ArrayLike<number>, options: HeldOutOptions): Split {
  const total = labels.length;
  const wanted = heldOutCount(total, options);
  const byClass = groupByClass(labels);
  const quotas = apportion(
    byClass.map((members) => members.length),
    wanted,
  );
  const next = mulberry32(options.seed);
  const isHeldOut = new Uint8Array(total);
  byClass.forEach((members, label) => {
    shuffle(members, next);
    for (const index of members.slice(0, quotas[label])) isHeldOut[index] = 1;
  });
  return splitOf(labels, (index) => isHeldOut[index] === 1, {
    method: 'stratified-mulberry32-1',
    seed: options.seed,
    share: options.share ?? null,
  });
}

/** The split that holds out the chosen images, with its record. */
export function splitOf(
  labels: ArrayLike<number>,
  isHeldOut: (index: number) => boolean,
  origin: Omit<SplitRecord, 'counts' | 'checksum'>,
): Split {
  const parts: { train: number[]; heldOut: number[] } = { train: [], heldOut: [] };
  for (let index = 0; index < labels.length; index++) {
    parts[isHeldOut(index) ? 'heldOut' : 'train'].push(index);
  }
  const heldOut = Uint32Array.from(parts.heldOut);
  const counts = {
    total: labels.length,
    train: parts.train.length,
    heldOut: heldOut.length,
    heldOutByClass: groupByClass(labels).map((members) => members.filter((index) => isHeldOut(index)).length),
  };
  const record: SplitRecord = { ...origin, counts, checksum: checksum(labels, heldOut) };
  return { train: Uint32Array.from(parts.train), heldOut, record };
}

/**
 * Makes the split of a saved record of `heldOutSplit` again.
 *
 * @throws DatasetError when the record is of another function, or the labels are not those the record was made from, in the same order.
 */
export function splitFromRecord(labels: ArrayLike<number>, record: SplitRecord): Split {
  if (record.method !== 'stratified-mulberry32-1') {
    throw new DatasetError({
      asked: 'saved split: method',
      got: JSON.stringify(record.method),
      allowed: '"stratified-mulberry32-1"',
    });
  }
  const { seed, share, counts } = record;
  const sameSize = labels.length === counts.total;
  const split = sameSize && heldOutSplit(labels, { seed, count: counts.heldOut });
  if (!split || split.record.checksum !== record.checksum) {
    throw new DatasetError({
      asked: `saved split with seed ${seed} of ${counts.total} images, checksum ${record.checksum}`,
      got: split ? `checksum ${split.record.checksum}` : `${labels.length} images`,
      remedy: 'Use the data set that the record was made from, in the same order.',
    });
  }
  return { ...split, record: { ...split.record, share } };
}

function heldOutCount(total: number, { seed, share, count }: HeldOutOptions): number {
  if (!Number.isSafeInteger(seed)) {
    throw new DatasetError({ asked: 'split: seed', got: String(seed), allowed: 'integers' });
  }
  if (share !== undefined && !(share > 0 && share < 1)) {
    throw new DatasetError({ asked: 'split: share', got: String(share), allowed: 'numbers between 0 and 1' });
  }
  const wanted = share === undefined ? count : Math.round(total * share);
  if (wanted === undefined || !Number.isInteger(wanted) || wanted < 1 || wanted >= total) {
    throw new DatasetError({
      asked: `split: held-out images of ${total}`,
      got: String(wanted),
      allowed: `integers 1..${total - 1}`,
      remedy: 'Give `share` or `count` so that neither part is empty.',
    });
  }
  return wanted;
}

export function groupByClass(labels: ArrayLike<number>): number[][] {
  const byClass: number[][] = [];
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (!Number.isInteger(label) || label < 0 || label > 0xffff) {
      throw new DatasetError({
        asked: `split: label ${index}`,
        got: String(label),
        allowed: 'integers 0..65535',
      });
    }
    while (byClass.length <= label) byClass.push([]);
    byClass[label]!.push(index);
  }
  return byClass;
}

/** Largest remainders (Hamilton's method). */
function apportion(sizes: readonly number[], wanted: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const quotas = sizes.map((size) => Math.floor((size * wanted) / total));
  // Exact remainders of integers, so that no rounding decides between equals.
  const order = sizes
    .map((size, label) => ({ label, remainder: (size * wanted) % total }))
    .sort((a, b) => b.remainder - a.remainder || a.label - b.label);
  const missing = wanted - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const { label } of order.slice(0, missing)) quotas[label]!++;
  return quotas;
}

function checksum(labels: ArrayLike<number>, heldOut: Uint32Array): string {
  let hash = 0x811c9dc5;
  const add = (value: number) => {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((value >>> shift) & 0xff), 0x01000193);
    }
  };
  for (let i = 0; i < labels.length; i++) add(labels[i]!);
  heldOut.forEach(add);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
