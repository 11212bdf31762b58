import { describe, expect, it } from 'vitest';
import {
  DatasetError,
  heldOutSplit,
  splitFromRecord,
  stratifiedFolds,
  undividedSplit,
} from '../src/index.ts';

const labels = Int32Array.from({ length: 103 }, (_, i) => (i * i) % 7);

describe('stratified folds', () => {
  const folds = stratifiedFolds(labels, { folds: 5, seed: 3 });

  it('hold out every image exactly once and train on all others', () => {
    const heldOut = folds.flatMap((fold) => [...fold.heldOut]);
    expect(heldOut.sort((a, b) => a - b)).toEqual([...labels.keys()]);
    for (const { train, heldOut, record } of folds) {
      expect(new Set([...train, ...heldOut]).size).toBe(103);
      expect(record.counts).toMatchObject({ total: 103, train: train.length, heldOut: heldOut.length });
    }
  });

  it('differ by one image at most, in every class and in all', () => {
    for (let label = 0; label < 7; label++) {
      const sizes = folds.map(({ record }) => record.counts.heldOutByClass[label] ?? 0);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
    expect(folds.map(({ heldOut }) => heldOut.length)).toEqual([21, 21, 21, 20, 20]);
  });

  it('say in their records which fold they are, and change with the seed', () => {
    expect(folds.map(({ record }) => record.fold)).toEqual(
      [1, 2, 3, 4, 5].map((number) => ({ number, of: 5 })),
    );
    expect(stratifiedFolds(labels, { folds: 5, seed: 3 })).toEqual(folds);
    expect(stratifiedFolds(labels, { folds: 5, seed: 4 })[0]!.heldOut).not.toEqual(folds[0]!.heldOut);
  });

  it('cut a training part alone, and leave out what its split holds out', () => {
    const outer = heldOutSplit(labels, { share: 0.2, seed: 5 });
    const inner = stratifiedFolds(labels, { folds: 4, seed: 3, within: outer });
    const seen = inner.flatMap(({ heldOut }) => [...heldOut]).sort((a, b) => a - b);
    expect(seen).toEqual([...outer.train]);
    const part = Int32Array.from(outer.train, (index) => labels[index]!);
    for (const [i, { train, heldOut, record }] of inner.entries()) {
      expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual([...outer.train]);
      expect(record.fold).toEqual({ number: i + 1, of: 4, within: outer.record.checksum });
      const own = stratifiedFolds(part, { folds: 4, seed: 3 })[i]!;
      expect(record.checksum).toBe(own.record.checksum);
      expect([...heldOut]).toEqual([...own.heldOut].map((index) => outer.train[index]!));
    }
  });

  it.each([1, 2.5, 104])('refuse %s folds', (count) => {
    expect(() => stratifiedFolds(labels, { folds: count, seed: 1 })).toThrow(DatasetError);
  });

  it('refuse a seed that is no integer', () => {
    expect(() => stratifiedFolds(labels, { folds: 2, seed: 0.5 })).toThrow(/seed: got 0.5/);
  });
});

describe('an undivided split', () => {
  it('trains on all images, and is told apart from a split with held-out images', () => {
    const { train, heldOut, record } = undividedSplit(labels);
    expect([...train]).toEqual([...labels.keys()]);
    expect(heldOut).toHaveLength(0);
    expect(record.counts).toMatchObject({ train: 103, heldOut: 0 });
    expect(record.checksum).not.toBe(heldOutSplit(labels, { share: 0.1, seed: 0 }).record.checksum);
    expect(() => splitFromRecord(labels, record)).toThrow(DatasetError);
  });
});
