import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { mulberry32 } from '@clearmaps/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatasetError, type LabelledImages, parseSvhn } from '../src/index.ts';
import { readSvhn } from '../src/node.ts';
import { concat, matBytes, matrixElement, numbers, svhnParts } from './mat-bytes.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearmaps-svhn-'));
});
afterAll(() => rm(dir, { recursive: true }));

const READERS: Record<string, (bytes: Uint8Array) => Promise<LabelledImages>> = {
  parseSvhn: (bytes) => parseSvhn(bytes),
  readSvhn: async (bytes) => {
    const path = join(dir, 'fuzz.mat');
    await writeFile(path, bytes);
    return readSvhn(path);
  },
};

const { X, y } = svhnParts([10, 1, 9]);
const PLAIN = matBytes([X, y]);
const PACKED = matBytes([X, y], { compress: true });

describe.each(Object.entries(READERS))('%s, given hostile bytes', (_, read) => {
  const outcome = async (bytes: Uint8Array): Promise<unknown> => {
    try {
      const { count, images, labels } = await read(bytes);
      const whole = images.length === count * 3072 && labels.length === count;
      return whole && labels.every((label) => label >= 0 && label <= 9) ? 'valid' : 'inconsistent';
    } catch (error) {
      return error instanceof DatasetError ? 'refused' : error;
    }
  };

  it('refuses a file that is cut anywhere, at every boundary of its structure among others', async () => {
    const next = mulberry32(1);
    for (const bytes of [PLAIN, PACKED]) {
      const boundaries = [0, 4, 116, 124, 126, 128, 132, 136, 144, 152, 160, 168, 176, 184, 192, 200];
      const fromTheEnd = Array.from({ length: 90 }, (_, i) => bytes.length - 1 - i);
      const anywhere = Array.from({ length: 60 }, () => next() % bytes.length);
      for (const length of [...boundaries, ...fromTheEnd, ...anywhere]) {
        expect(await outcome(bytes.subarray(0, length)), `cut at ${length} of ${bytes.length}`).toBe(
          'refused',
        );
      }
    }
  });

  it('answers flipped bits with a data set or a DatasetError, nothing else', async () => {
    const next = mulberry32(2017);
    const count = { valid: 0, refused: 0 };
    for (let round = 0; round < 600; round++) {
      const bytes = Uint8Array.from(round % 2 ? PACKED : PLAIN);
      // Headers decide more than pixels do: half of the flips go there.
      const reach = next() % 2 ? bytes.length : 220;
      for (let flips = 1 + (next() % 3); flips > 0; flips--) bytes[next() % reach]! ^= 1 << (next() % 8);
      const result = await outcome(bytes);
      expect(result === 'valid' || result === 'refused', `round ${round}: ${String(result)}`).toBe(true);
      count[result as 'valid' | 'refused']++;
    }
    expect(count.valid).toBeGreaterThan(50);
    expect(count.refused).toBeGreaterThan(200);
  });

  it('answers random numbers in every field of a header with a data set or a DatasetError', async () => {
    const next = mulberry32(5);
    const extremes = [0, 1, 2, 4, 0x7fffffff, 0x80000000, 0xffffffff, 0x00040002];
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from(PLAIN);
      const at = 128 + 4 * (next() % 24);
      bytes.set(numbers(6, [extremes[next() % extremes.length]!], false), at);
      const result = await outcome(bytes);
      expect(result === 'valid' || result === 'refused', `byte ${at}: ${String(result)}`).toBe(true);
    }
  });

  it('refuses noise', async () => {
    const next = mulberry32(7);
    for (let round = 0; round < 100; round++) {
      const bytes = Uint8Array.from({ length: next() % 600 }, () => next());
      if (round % 2 && bytes.length > 128) bytes.set([0, 1, 0x49, 0x4d], 124);
      expect(await outcome(bytes)).toBe('refused');
    }
  });

  it('stops deflate bombs early, within bounded memory', async () => {
    const gigabyte = 1 << 30;
    const huge = Math.floor((2 * gigabyte) / 3072);
    const manyLabels = { ...y, shape: [huge, 1], values: new Uint8Array(huge).fill(1) };
    const endless = bomb(matrixElement(X), 2 * gigabyte);
    const bombs: [string, Uint8Array, RegExp][] = [
      ['images that go on for gigabytes', concat([matBytes([y]), endless]), /got more bytes/],
      [
        'gigabytes of images with as many labels',
        concat([
          matBytes([manyLabels], { compress: true }),
          bomb(promising(matrixElement({ ...X, values: [] }), huge), 2 * gigabyte),
        ]),
        /a deflate bomb/,
      ],
      [
        'a name of gigabytes',
        concat([matBytes([X]), bomb(matrixElement(y).subarray(0, 40), 2 * gigabyte)]),
        /name: got an element of type 0/,
      ],
      [
        'nothing but zeros',
        concat([matBytes([]), bomb(new Uint8Array(0), 2 * gigabyte)]),
        /inflated: got type 0/,
      ],
    ];
    for (const [what, bytes, message] of bombs) {
      expect(bytes.length, what).toBeLessThan(4 << 20);
      const before = process.memoryUsage.rss();
      const start = performance.now();
      await expect(read(bytes), what).rejects.toThrow(message);
      expect(performance.now() - start, what).toBeLessThan(5000);
      expect((process.memoryUsage.rss() - before) >> 20, `${what}: MiB`).toBeLessThan(64);
    }
  });

  it('does not inflate variables that it has no use for', async () => {
    const aside = bomb(matrixElement({ ...y, name: 'aside' }), 2 << 30);
    const start = performance.now();
    expect((await read(concat([PACKED, aside]))).count).toBe(3);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('an uncompressed file', () => {
  it('that promises four gigabytes and holds nothing costs nothing', async () => {
    const count = Math.floor(0xfffffff0 / 3072);
    const promise = concat([PLAIN.subarray(0, 128), promising(matrixElement({ ...X, values: [] }), count)]);
    await expect(parseSvhn(promise)).rejects.toThrow(/truncated file/);
  });
});

/** The head of an X element, made to promise so many images. */
function promising(head: Uint8Array, images: number): Uint8Array {
  const bytes = Uint8Array.from(head);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, Math.min(0xffffffff, images * 3072 + 56), true);
  view.setUint32(44, images, true);
  view.setUint32(bytes.length - 4, images * 3072, true);
  return bytes;
}

/** A compressed element that inflates to `head` and then zeros; made without ever holding them. */
function bomb(head: Uint8Array, zeros: number): Uint8Array {
  const block = 16 << 20;
  const fullFlush = { finishFlush: constants.Z_FULL_FLUSH };
  const repeated = deflateRawSync(new Uint8Array(block), fullFlush);
  const body = concat([
    Uint8Array.from([0x78, 0x01]),
    deflateRawSync(head, fullFlush),
    ...Array.from({ length: Math.ceil(zeros / block) }, () => repeated),
  ]);
  return concat([numbers(6, [15, body.length], false), body]);
}
