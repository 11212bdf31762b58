import { gzipSync } from 'node:zlib';
import { mulberry32 } from '@clearmaps/random';
import { describe, expect, it } from 'vitest';
import { DatasetError, labelledImagesFromIdx, parseIdx } from '../src/index.ts';
import { idxBytes, LABELS, PICTURES } from './idx-bytes.ts';

const FORMS = { plain: (bytes: Uint8Array) => bytes, gzip: (bytes: Uint8Array) => gzipSync(bytes) };

describe.each(Object.entries(FORMS))('%s IDX bytes', (_, pack) => {
  it('give images and labels with the shape of the header', async () => {
    const images = await parseIdx(pack(PICTURES), 'images');
    expect(images.shape).toEqual([4, 3, 2]);
    expect([...images.values]).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    const labels = await parseIdx(pack(LABELS), 'labels');
    expect(labels).toEqual({ kind: 'labels', shape: [4], values: Uint8Array.from([7, 0, 9, 7]) });
  });

  it('that stop early say how many bytes came and how many the header promises', async () => {
    await expect(parseIdx(pack(PICTURES.subarray(0, 30)), 'images', { source: 'a.idx' })).rejects.toThrow(
      /a\.idx: IDX images \[4, 3, 2\]: got a truncated file: 30 bytes came; allowed: the 40 bytes/,
    );
    await expect(parseIdx(pack(PICTURES.subarray(0, 9)), 'images')).rejects.toThrow(
      /9 bytes came; allowed: a header of 16 bytes/,
    );
    await expect(parseIdx(pack(PICTURES.subarray(0, 3)), 'images')).rejects.toThrow(/got a file of 3 bytes/);
  });

  it('that go on after their promise are refused', async () => {
    const long = new Uint8Array(47);
    long.set(PICTURES);
    await expect(parseIdx(pack(long), 'images')).rejects.toThrow(/47 bytes.*trailing.*the 40 bytes/);
  });

  it('of the other kind look swapped', async () => {
    await expect(parseIdx(pack(LABELS), 'images')).rejects.toThrow(
      /the magic number of labels, 0x00000801; allowed: magic number 0x00000803.*look swapped/,
    );
    await expect(labelledImagesFromIdx(pack(LABELS), pack(PICTURES))).rejects.toThrow(/look swapped/);
  });

  it('with another magic number are refused with that number', async () => {
    const floats = PICTURES.slice();
    floats[2] = 0x0d;
    await expect(parseIdx(pack(floats), 'images')).rejects.toThrow(/magic number 0x00000d03/);
  });

  it.each([[[0, 28, 28]], [[1, 0, 28]], [[1, 28, 4097]], [[4_000_000_000, 28, 28]], [[2 ** 31, 1, 1]]])(
    'of dimensions %j are refused',
    async (shape) => {
      await expect(parseIdx(pack(idxBytes(shape, [])), 'images')).rejects.toThrow(
        /dimensions in the IDX header/,
      );
    },
  );
});

describe('IDX files', () => {
  it('of no bytes are called empty', async () => {
    await expect(parseIdx(new Uint8Array(0), 'images')).rejects.toThrow(/an empty file \(0 bytes\)/);
    await expect(parseIdx(gzipSync(new Uint8Array(0)), 'images')).rejects.toThrow(/a file of 0 bytes/);
  });

  it('whose gzip stream is cut short are called truncated', async () => {
    const packed = gzipSync(PICTURES);
    for (const length of [2, 10, packed.length - 9, packed.length - 1]) {
      await expect(parseIdx(packed.subarray(0, length), 'images')).rejects.toThrow(
        new RegExp(`truncated file: ${length} bytes came, and the gzip stream goes on`),
      );
    }
  });

  it('whose gzip stream is damaged are called corrupt', async () => {
    const packed = Uint8Array.from(gzipSync(PICTURES));
    packed[packed.length - 6]! ^= 0xff;
    await expect(parseIdx(packed, 'images')).rejects.toThrow(/corrupt gzip data/);
  });

  it('that are deflate bombs stop as soon as more comes out than was promised', async () => {
    const bomb = new Uint8Array(256 * 1024 * 1024);
    bomb.set(PICTURES);
    const packed = gzipSync(bomb, { level: 1 });
    const before = process.memoryUsage.rss();
    const failure = await parseIdx(packed, 'images').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DatasetError);
    const unpacked = Number(/at least (\d+) bytes/.exec((failure as Error).message)![1]);
    expect(unpacked).toBeLessThan(1024 * 1024);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('that promise two gigabytes and hold nothing cost nothing', async () => {
    const promise = gzipSync(idxBytes([120, 4096, 4096], [1, 2, 3]));
    await expect(parseIdx(promise, 'images')).rejects.toThrow(/truncated file: 19 bytes came/);
  });
});

describe('a pair of IDX files', () => {
  it('becomes labelled images', async () => {
    const set = await labelledImagesFromIdx(PICTURES, gzipSync(LABELS), { name: 'tiny' });
    expect(set).toMatchObject({ name: 'tiny', count: 4, height: 3, width: 2, channels: 1 });
    expect(set.labels).toEqual(Int32Array.from([7, 0, 9, 7]));
    expect(set.classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('must have one label an image', async () => {
    await expect(labelledImagesFromIdx(PICTURES, idxBytes([3], [1, 2, 3]))).rejects.toThrow(
      /one label an image: got 4 images and 3 labels/,
    );
  });

  it('must name every class that a label speaks of', async () => {
    const labels = idxBytes([4], [7, 0, 11, 7]);
    await expect(labelledImagesFromIdx(PICTURES, labels)).rejects.toThrow(
      /label of image 2: got 11; allowed: 0\.\.9 \(10 class names\)/,
    );
    const classNames = Array.from({ length: 12 }, (_, i) => `class ${i}`);
    expect((await labelledImagesFromIdx(PICTURES, labels, { classNames })).labels[2]).toBe(11);
  });
});

describe('hostile bytes', () => {
  const outcome = async (bytes: Uint8Array) => {
    try {
      const { shape, values } = await parseIdx(bytes, 'images');
      return shape.reduce((a, b) => a * b, 1) === values.length ? 'valid' : 'inconsistent';
    } catch (error) {
      return error instanceof DatasetError ? 'refused' : error;
    }
  };

  it('cut at any length are refused', async () => {
    for (const bytes of [PICTURES, Uint8Array.from(gzipSync(PICTURES))]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(await outcome(bytes.subarray(0, length)), `cut at ${length} of ${bytes.length}`).toBe(
          'refused',
        );
      }
    }
  });

  it('flipped at random give a data set or a DatasetError, nothing else', async () => {
    const next = mulberry32(2017);
    const count = { valid: 0, refused: 0 };
    for (let round = 0; round < 1500; round++) {
      const bytes = Uint8Array.from(round % 2 ? gzipSync(PICTURES) : PICTURES);
      for (let flips = 1 + (next() % 3); flips > 0; flips--)
        bytes[next() % bytes.length]! ^= 1 << (next() % 8);
      const result = await outcome(bytes);
      expect(result === 'valid' || result === 'refused', `round ${round}: ${String(result)}`).toBe(true);
      count[result as 'valid' | 'refused']++;
    }
    expect(count.valid).toBeGreaterThan(100);
    expect(count.refused).toBeGreaterThan(100);
  });

  it('of pure noise are refused', async () => {
    const next = mulberry32(7);
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from({ length: next() % 200 }, () => next());
      if (round % 2 && bytes.length > 2) bytes.set([0x1f, 0x8b]);
      expect(await outcome(bytes)).toBe('refused');
    }
  });
});
