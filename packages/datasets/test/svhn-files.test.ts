import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sharedFolder } from '../../models/test/shared-files.ts';
import { DatasetError, imageAt, type LabelledImages, parseSvhn } from '../src/index.ts';
import { readLabelledImages, readSvhn, streamSvhn } from '../src/node.ts';
import { LABELS as IDX_LABELS, PICTURES } from './idx-bytes.ts';
import { concat, matBytes, matrixElement, numbers, svhnParts } from './mat-bytes.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearmaps-svhn-'));
});
afterEach(() => rm(dir, { recursive: true }));

const LABELS = Array.from({ length: 50 }, (_, i) => 1 + (i % 10));
const { X, y } = svhnParts(LABELS);
const FILE = matBytes([X, y], { compress: true });
const write = async (name: string, bytes: Uint8Array): Promise<string> => {
  await writeFile(join(dir, name), bytes);
  return join(dir, name);
};
/** Far faster than toEqual, which takes arrays apart value by value. */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const collect = async (batches: AsyncIterable<LabelledImages>) => {
  const all: LabelledImages[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

describe('an SVHN file on disk', () => {
  it('is read as its bytes are, under the name of the file', async () => {
    const path = await write('train_32x32.mat', FILE);
    const set = await readSvhn(path);
    const fromBytes = await parseSvhn(FILE);
    expect(set).toMatchObject({ name: 'train_32x32', count: 50, height: 32, width: 32, channels: 3 });
    expect([...set.labels]).toEqual([...fromBytes.labels]);
    expect(same(set.images, fromBytes.images)).toBe(true);
  });

  it('comes in batches that together are the whole, each with arrays of its own', async () => {
    const path = await write('train_32x32.mat', FILE);
    const whole = await readSvhn(path);
    const batches = await collect(streamSvhn(path, { batch: 16 }));
    expect(batches.map((batch) => batch.count)).toEqual([16, 16, 16, 2]);
    expect(same(concat(batches.map((batch) => batch.images)), whole.images)).toBe(true);
    expect(batches.flatMap((batch) => [...batch.labels])).toEqual([...whole.labels]);
    expect(batches[0]!.images.buffer).not.toBe(batches[1]!.images.buffer);
  });

  it('can be left early, and read up to a limit', async () => {
    const whole = await parseSvhn(FILE);
    const path = await write('train.mat', FILE);
    const first = await readSvhn(path, { limit: 7 });
    expect(same(first.images, whole.images.subarray(0, 7 * 3072))).toBe(true);
    expect((await readSvhn(path, { limit: 999 })).count).toBe(50);
    for await (const batch of streamSvhn(path, { batch: 8 })) {
      expect(batch.count).toBe(8);
      break;
    }
    expect((await collect(streamSvhn(path, { batch: 8, limit: 9 }))).map((b) => b.count)).toEqual([8, 1]);
  });

  it('tells its progress and stops at a signal', async () => {
    const path = await write('train.mat', FILE);
    const seen: string[] = [];
    const stop = new AbortController();
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      seen.push(`${done}/${total}`);
      if (done >= 30) stop.abort(new Error('enough'));
    };
    const batches = collect(streamSvhn(path, { batch: 15, limit: 45, signal: stop.signal, onProgress }));
    await expect(batches).rejects.toThrow('enough');
    expect(seen).toEqual(['15/45', '30/45']);
    await expect(readSvhn(path, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit or batch of %s', async (value) => {
    const path = await write('train.mat', FILE);
    await expect(readSvhn(path, { limit: value })).rejects.toThrow(/option `limit`: got .*integers from 1/);
    await expect(collect(streamSvhn(path, { batch: value }))).rejects.toThrow(/option `batch`/);
  });

  it('may lack the end mark of its packed data, as some that MATLAB wrote do', async () => {
    const cut = (bytes: Uint8Array) => {
      const body = deflateSync(bytes);
      return concat([numbers(6, [15, body.length - 4], false), body.subarray(0, -4)]);
    };
    const path = await write(
      'train.mat',
      concat([matBytes([]), cut(matrixElement(X)), cut(matrixElement(y))]),
    );
    expect(same((await readSvhn(path)).images, (await parseSvhn(FILE)).images)).toBe(true);
  });

  it('that is missing, a folder or no such file is named in a DatasetError', async () => {
    await expect(readSvhn(join(dir, 'none.mat'))).rejects.toThrow(/none\.mat: got no such file/);
    await expect(readSvhn(dir)).rejects.toThrow(/a folder where a file was expected/);
    await expect(readSvhn(await write('x.mat', PICTURES))).rejects.toThrow(/x\.mat: MAT-file of level 5/);
  });
});

describe('a path to a data set', () => {
  it('may lead to an SVHN file of any name, a folder with one, IDX files or their folder', async () => {
    const svhn = await write('svhn.data', FILE);
    expect(await readLabelledImages(svhn, { limit: 3 })).toMatchObject({
      name: 'svhn.data',
      count: 3,
      channels: 3,
    });
    await rm(svhn);
    await write('test_32x32.mat', FILE);
    expect(await readLabelledImages(dir)).toMatchObject({ name: 'test_32x32', count: 50 });
    await rm(join(dir, 'test_32x32.mat'));
    const images = await write('t10k-images-idx3-ubyte.gz', gzipSync(PICTURES));
    const labels = await write('t10k-labels-idx1-ubyte', IDX_LABELS);
    for (const path of [dir, images, labels]) {
      expect(await readLabelledImages(path)).toMatchObject({ name: 't10k', count: 4, channels: 1 });
    }
    const two = await readLabelledImages(dir, { limit: 2 });
    expect(two.count).toBe(2);
    expect([...imageAt(two, 1)]).toEqual([7, 8, 9, 10, 11, 12]);
  });

  it('with several sets asks for one, and takes a prefix', async () => {
    await write('train_32x32.mat', FILE);
    await write('test_32x32.mat', matBytes([X, y]));
    await expect(readLabelledImages(dir)).rejects.toThrow(
      /got "test_32x32\.mat", "train_32x32\.mat".*Give the path of one file/,
    );
    expect((await readLabelledImages(dir, { prefix: 'test' })).name).toBe('test_32x32');
    await expect(readLabelledImages(dir, { prefix: 'extra' })).rejects.toThrow(/none with prefix "extra"/);
  });

  it('with neither kind says what is allowed', async () => {
    await expect(readLabelledImages(dir)).rejects.toThrow(
      /got none; allowed: IDX files .* \.mat file of SVHN/,
    );
    await expect(readLabelledImages(join(dir, 'nowhere'))).rejects.toThrow(DatasetError);
    await expect(readLabelledImages(await write('empty', new Uint8Array(0)))).rejects.toThrow(/0 bytes/);
    await expect(readLabelledImages(await write('x', Buffer.from('hello')))).rejects.toThrow(/neither kind/);
    await expect(readLabelledImages(dir, { limit: 0 })).rejects.toThrow(DatasetError);
  });
});

const { path: REAL, missing } = sharedFolder('data/svhn/train_554_32x32.mat');

describe.skipIf(missing)(`554 real crops${missing}`, () => {
  it('are read alike from bytes, from the file and in batches', async () => {
    const set = await readSvhn(REAL);
    expect(set).toMatchObject({ name: 'train_554_32x32', count: 554, height: 32, width: 32, channels: 3 });
    // Looked at as pictures: a blue sign "23", cut for its 2 and for its 3, then a 9 beside a 3.
    expect([...set.labels.subarray(0, 12)]).toEqual([1, 9, 2, 3, 2, 5, 9, 3, 3, 1, 3, 3]);
    expect(new Set(set.labels)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const [red, green, blue] = imageAt(set, 2).subarray(0, 3);
    expect(blue! > green! && green! > red!).toBe(true);
    expect(same((await parseSvhn(await readFile(REAL))).images, set.images)).toBe(true);
    const batches = await collect(streamSvhn(REAL, { batch: 100 }));
    expect(same(concat(batches.map((batch) => batch.images)), set.images)).toBe(true);
  });

  it('are smoother along rows and columns than across any other reading order', async () => {
    // A wrong order of dimensions turns photographs into noise.
    const set = await readSvhn(REAL);
    let near = 0;
    let far = 0;
    for (let i = 0; i < set.count; i++) {
      const image = imageAt(set, i);
      const pixel = (row: number, column: number) => image[(row * 32 + column) * 3]!;
      near += Math.abs(pixel(10, 10) - pixel(11, 10)) + Math.abs(pixel(10, 10) - pixel(10, 11));
      far += Math.abs(pixel(10, 10) - pixel(25, 10)) + Math.abs(pixel(10, 10) - pixel(10, 25));
    }
    expect(near * 3).toBeLessThan(far);
  });
});
