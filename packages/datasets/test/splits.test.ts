import { mulberry32 } from '@clearmaps/random';
import { describe, expect, it } from 'vitest';
import { DatasetError, heldOutSplit, imageAt, selectImages, splitFromRecord } from '../src/index.ts';
import { readBundledMnist } from '../src/node.ts';

const mnist = await readBundledMnist();
const sizes = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];

describe('a held-out split of the MNIST digits', () => {
  const { train, heldOut, record } = heldOutSplit(mnist.labels, { share: 0.1, seed: 1 });

  it('puts every index into exactly one part, in ascending order', () => {
    expect(heldOut.length).toBe(1000);
    expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect([...heldOut]).toEqual([...heldOut].sort((a, b) => a - b));
    expect([...train]).toEqual([...train].sort((a, b) => a - b));
  });

  it('takes from each class within one image of its share', () => {
    sizes.forEach((size, label) => {
      const taken = heldOut.filter((index) => mnist.labels[index] === label).length;
      expect(Math.abs(taken - size / 10)).toBeLessThan(1);
      expect(record.counts.heldOutByClass[label]).toBe(taken);
    });
  });

  it('spreads over the whole of each class instead of taking its beginning', () => {
    const threes = [...heldOut].filter((index) => mnist.labels[index] === 3);
    const thirds = [0, 1, 2].map((t) => threes.filter((i) => Math.floor((i * 3) / 10_000) === t).length);
    for (const third of thirds) expect(third).toBeGreaterThan(15);
  });

  it('stays the same for ever', () => {
    expect(record).toEqual({
      method: 'stratified-mulberry32-1',
      seed: 1,
      share: 0.1,
      counts: {
        total: 10_000,
        train: 9000,
        heldOut: 1000,
        heldOutByClass: [100, 113, 99, 103, 98, 86, 102, 107, 94, 98],
      },
      checksum: 'cef7cf4f',
    });
  });

  it('changes with the seed', () => {
    const other = heldOutSplit(mnist.labels, { share: 0.1, seed: 2 });
    expect(other.heldOut).not.toEqual(heldOut);
    expect(other.record.checksum).not.toBe(record.checksum);
  });

  it('comes back from its record after a trip through JSON', () => {
    const again = splitFromRecord(mnist.labels, JSON.parse(JSON.stringify(record)));
    expect(again).toEqual({ train, heldOut, record });
  });

  it('does not come back for other data', () => {
    const shifted = Int32Array.from(mnist.labels).fill(4, 0, 1);
    expect(() => splitFromRecord(shifted, record)).toThrow(/got checksum .*in the same order/);
    expect(() => splitFromRecord(mnist.labels.subarray(1), record)).toThrow(/got 9999 images/);
    expect(() => splitFromRecord(mnist.labels, { ...record, method: 'dice' as never })).toThrow(/"dice"/);
  });
});

describe('held-out splits', () => {
  it('hold out exactly the count asked for, whatever the classes', () => {
    const next = mulberry32(99);
    for (let round = 0; round < 200; round++) {
      const labels = Array.from({ length: 2 + (next() % 60) }, () => next() % 7);
      const count = 1 + (next() % (labels.length - 1));
      const { heldOut, train, record } = heldOutSplit(labels, { count, seed: round });
      expect(heldOut.length).toBe(count);
      expect(train.length).toBe(labels.length - count);
      record.counts.heldOutByClass.forEach((taken, label) => {
        const size = labels.filter((l) => l === label).length;
        expect(Math.abs(taken - (size * count) / labels.length)).toBeLessThan(1);
      });
    }
  });

  it.each([
    [{ share: 0, seed: 1 }, /share/],
    [{ share: 1, seed: 1 }, /share/],
    [{ share: Number.NaN, seed: 1 }, /share/],
    [{ share: 0.01, seed: 1 }, /held-out images of 4: got 0; allowed: integers 1\.\.3/],
    [{ count: 4, seed: 1 }, /got 4/],
    [{ count: 1.5, seed: 1 }, /got 1\.5/],
    [{ seed: 1 } as never, /`share` or `count`/],
    [{ count: 1, seed: 0.5 }, /seed: got 0\.5/],
  ])('refuse %j', (options, message) => {
    expect(() => heldOutSplit([0, 1, 0, 1], options)).toThrow(message);
  });

  it('refuse labels that are no class', () => {
    expect(() => heldOutSplit([0, -1, 1], { count: 1, seed: 1 })).toThrow(/label 1: got -1/);
    expect(() => heldOutSplit([0, 1, Number.NaN], { count: 1, seed: 1 })).toThrow(DatasetError);
  });
});

describe('chosen images', () => {
  it('are copies in the order asked for', () => {
    const chosen = selectImages(mnist, [9, 3, 9]);
    expect([...chosen.labels]).toEqual([9, 3, 9]);
    expect(chosen.count).toBe(3);
    expect(imageAt(chosen, 1)).toEqual(imageAt(mnist, 3));
    chosen.images.fill(1);
    expect(imageAt(mnist, 3)).not.toEqual(imageAt(chosen, 1));
  });

  it('must exist', () => {
    for (const index of [-1, 10_000, 1.5, Number.NaN]) {
      expect(() => imageAt(mnist, index)).toThrow(/a set of 10000 images; allowed: integers 0\.\.9999/);
      expect(() => selectImages(mnist, [0, index])).toThrow(DatasetError);
    }
  });
});
