import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetError } from '../src/index.ts';
import { readIdx, readIdxFolder } from '../src/node.ts';
import { idxBytes, LABELS, PICTURES } from './idx-bytes.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearmaps-idx-'));
});
afterEach(() => rm(dir, { recursive: true }));

const write = (files: Record<string, Uint8Array | string>) =>
  Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(dir, name), bytes)));

describe('a folder of IDX files', () => {
  it.each([
    ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
    ['train-images.idx3-ubyte', 'train-labels.idx1-ubyte'],
    ['train-images-idx3-ubyte.gz', 'train-labels.idx1-ubyte.gz'],
    ['train.images-idx3-ubyte', 'train.labels-idx1-ubyte.gz'],
  ])('is read with the names %s and %s', async (images, labels) => {
    const pack = (name: string, bytes: Uint8Array) => (name.endsWith('.gz') ? gzipSync(bytes) : bytes);
    await write({ [images]: pack(images, PICTURES), [labels]: pack(labels, LABELS), 'README.txt': 'hello' });
    for (const path of [dir, join(dir, images), join(dir, labels)]) {
      const set = await readIdx(path);
      expect(set).toMatchObject({ name: 'train', count: 4, height: 3, width: 2 });
      expect([...set.labels]).toEqual([7, 0, 9, 7]);
    }
  });

  it('with several pairs asks for a prefix and honours it', async () => {
    await write({
      'train-images-idx3-ubyte': PICTURES,
      'train-labels-idx1-ubyte': LABELS,
      't10k-images-idx3-ubyte': idxBytes([1, 3, 2], [1, 2, 3, 4, 5, 6]),
      't10k-labels-idx1-ubyte': idxBytes([1], [5]),
    });
    await expect(readIdxFolder(dir)).rejects.toThrow(/2 prefixes, "t10k", "train".*by its prefix/);
    expect((await readIdxFolder(dir, { prefix: 't10k' })).count).toBe(1);
    expect((await readIdx(join(dir, 'train-images-idx3-ubyte'))).count).toBe(4);
    await expect(readIdxFolder(dir, { prefix: 'test' })).rejects.toThrow(
      /prefix "test".*got none; allowed: "t10k", "train"/,
    );
  });

  it('that holds a file both packed and unpacked reads the unpacked one', async () => {
    await write({
      'train-images-idx3-ubyte.gz': 'not gzip at all',
      'train-images-idx3-ubyte': PICTURES,
      'train-labels-idx1-ubyte': LABELS,
    });
    expect((await readIdxFolder(dir)).count).toBe(4);
  });

  it('without a pair says which names are wanted', async () => {
    await expect(readIdxFolder(dir)).rejects.toThrow(/got none; allowed: PREFIX-images-idx3-ubyte/);
  });

  it('with half a pair names the half that is missing', async () => {
    await write({ 'train-images-idx3-ubyte': PICTURES, 't10k-labels-idx1-ubyte': LABELS });
    await expect(readIdxFolder(dir, { prefix: 'train' })).rejects.toThrow(
      /the labels that belong to .*train-images/,
    );
    await expect(readIdx(join(dir, 't10k-labels-idx1-ubyte'))).rejects.toThrow(
      /the images that belong to .*t10k-labels/,
    );
  });
});

describe('a path', () => {
  it('that leads nowhere is named in a DatasetError with its cause', async () => {
    const missing = join(dir, 'nowhere');
    const failure = await readIdx(missing).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DatasetError);
    expect((failure as Error).message).toContain(`read ${missing}: got no such file or folder`);
    expect((failure as Error).cause).toMatchObject({ code: 'ENOENT' });
    await expect(readIdxFolder(missing)).rejects.toThrow(DatasetError);
  });

  it('to a file where a folder should be, and to a folder where a file should be, is refused', async () => {
    await write({ 'train-images-idx3-ubyte': PICTURES });
    await expect(readIdxFolder(join(dir, 'train-images-idx3-ubyte'))).rejects.toThrow(
      /a file where a folder was expected/,
    );
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(dir, 'train-labels-idx1-ubyte'));
    await expect(readIdxFolder(dir)).rejects.toThrow(/a folder where a file was expected/);
  });

  it('whose name tells no partner is refused with the names that do', async () => {
    await write({ 'digits.bin': PICTURES });
    await expect(readIdx(join(dir, 'digits.bin'))).rejects.toThrow(
      /does not tell its partner; allowed: PREFIX-/,
    );
  });

  it('to damaged files puts the file into the message', async () => {
    await write({ 'train-images-idx3-ubyte': LABELS, 'train-labels-idx1-ubyte': LABELS });
    await expect(readIdxFolder(dir)).rejects.toThrow(`${join(dir, 'train-images-idx3-ubyte')}: IDX images`);
  });
});
