import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DatasetError, imageAt, parseSvhn } from '../src/index.ts';
import { concat, type MatPart, matBytes, matrixElement, numbers, packed, svhnParts } from './mat-bytes.ts';

const LABELS = [1, 10, 3, 9, 2];
const { X, y } = svhnParts(LABELS);

describe.each([
  ['packed little-endian', { compress: true }],
  ['plain little-endian', {}],
  ['packed big-endian', { compress: true, bigEndian: true }],
  ['plain big-endian', { bigEndian: true }],
])('%s SVHN bytes', (_, options) => {
  it('give row-major images, and labels with 0 for 10, whichever variable comes first', async () => {
    for (const parts of [
      [X, y],
      [y, X],
    ]) {
      const set = await parseSvhn(matBytes(parts, options), { name: 'train' });
      expect(set).toMatchObject({ name: 'train', count: 5, height: 32, width: 32, channels: 3 });
      expect([...set.labels]).toEqual([1, 0, 3, 9, 2]);
      expect(set.classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      for (const [image, row, column, channel] of [
        [0, 0, 0, 0],
        [1, 0, 31, 0],
        [2, 31, 0, 1],
        [4, 17, 5, 2],
        [4, 31, 31, 2],
      ] as const) {
        expect(imageAt(set, image)[(row * 32 + column) * 3 + channel]).toBe(
          (image * 50 + row * 7 + column * 3 + channel * 31) & 255,
        );
      }
    }
  });

  it.each([
    [6, 9],
    [6, 2],
    [7, 7],
    [12, 5],
    [10, 3],
    [11, 4],
    [13, 6],
    [8, 1],
  ])('take labels of class %i stored as type %i', async (mxClass, type) => {
    const set = await parseSvhn(matBytes([X, { ...y, mxClass, type }], options));
    expect([...set.labels]).toEqual([1, 0, 3, 9, 2]);
  });

  it('take one image, whose last dimension MATLAB drops', async () => {
    const one = svhnParts([10]);
    for (const shape of [
      [32, 32, 3],
      [32, 32, 3, 1],
    ]) {
      const set = await parseSvhn(matBytes([{ ...one.X, shape }, one.y], options));
      expect([...set.labels]).toEqual([0]);
    }
  });

  it('pass over variables that are not SVHN', async () => {
    const note: MatPart = { name: 'note', mxClass: 4, shape: [1, 2], type: 4, values: [104, 105] };
    expect((await parseSvhn(matBytes([note, X, note, y], options))).count).toBe(5);
  });
});

describe('SVHN bytes', () => {
  const refused = (bytes: Uint8Array) =>
    parseSvhn(bytes).then(
      (set) => `read ${set.count} images`,
      (error: unknown) => (error instanceof DatasetError ? error.message : `not ours: ${error}`),
    );
  const file = (changes: { X?: Partial<MatPart>; y?: Partial<MatPart> }, compress = true) =>
    matBytes(
      [
        { ...X, ...changes.X },
        { ...y, ...changes.y },
      ],
      { compress },
    );

  it('of the full-number format are refused by name, as MAT 5 and as MAT 7.3', async () => {
    const struct: MatPart = { name: 'digitStruct', mxClass: 2, shape: [1, 9], type: 5, values: [8] };
    expect(await refused(matBytes([struct]))).toMatch(/the full-number format.*train_32x32\.mat/);
    const hdf5 = matBytes([struct], { text: 'MATLAB 7.3 MAT-file' });
    hdf5[125] = 2;
    expect(await refused(hdf5)).toMatch(/version 7\.3 \(HDF5\).*-v7.*digitStruct/);
  });

  it('that are no MAT-file are refused with how they begin', async () => {
    const page = new TextEncoder().encode(`<!DOCTYPE html>${' '.repeat(200)}`);
    expect(await refused(page)).toMatch(/begins "<!DOCTYPE html>.*not, say, a web page/);
    expect(await refused(new Uint8Array(0))).toMatch(/a file of 0 bytes/);
    expect(await refused(matBytes([]).subarray(0, 127))).toMatch(/a file of 127 bytes/);
    const neither = matBytes([X, y]);
    neither.set([0x49, 0x49], 126);
    expect(await refused(neither)).toMatch(/no such version and endian indicator/);
  });

  it('may say anything in the text of their header', async () => {
    expect(await refused(matBytes([X, y], { text: '\0\xff\n'.repeat(30) }))).toBe('read 5 images');
  });

  it('without X, without y, or with two of them say what they hold', async () => {
    expect(await refused(matBytes([]))).toMatch(/variable "X": got variables \(none\)/);
    expect(await refused(matBytes([X]))).toMatch(/variable "y": got variables "X"/);
    expect(await refused(matBytes([X, X, y]))).toMatch(/variable "X": got 2 of that name/);
  });

  it.each<[string, { X?: Partial<MatPart>; y?: Partial<MatPart> }, RegExp]>([
    ['another side', { X: { shape: [32, 31, 3, 5] } }, /\[32, 31, 3, 5\].*allowed: \[32, 32, 3, n\]/],
    ['two dimensions', { X: { shape: [32, 480] } }, /\[32, 480\]/],
    ['five dimensions', { X: { shape: [32, 32, 3, 5, 2] } }, /\[32, 32, 3, 5, 2\]/],
    ['no images', { X: { shape: [32, 32, 3, 0], values: [] } }, /n at least 1/],
    ['a negative count', { X: { shape: [32, 32, 3, -5] } }, /\[32, 32, 3, -5\]/],
    [
      'a huge count',
      { X: { shape: [32, 32, 3, 2 ** 31 - 1] } },
      /15360 bytes of data; allowed: 6597069763584/,
    ],
    [
      'a count that is one too small',
      { X: { shape: [32, 32, 3, 4] } },
      /15360 bytes of data; allowed: 12288/,
    ],
    ['doubles for images', { X: { mxClass: 6 } }, /of class 6/],
    ['16-bit storage', { X: { type: 4 } }, /allowed: \[32, 32, 3, n\] of class 9/],
    ['complex images', { X: { complex: true } }, /a complex array/],
    ['a struct for X', { X: { mxClass: 2 } }, /of class 2/],
    [
      'a label more',
      { y: { shape: [6, 1], values: [1, 2, 3, 4, 5, 6] } },
      /one label an image: got \[6, 1\]/,
    ],
    ['labels that their dimensions belie', { y: { values: [1, 2, 3] } }, /\[5, 1\] in 3 bytes, and 5 images/],
    ['negative dimensions of labels', { y: { shape: [-5, -1] } }, /real numbers \[n, 1\]/],
    ['dimensions of labels without end', { y: { shape: [2 ** 31 - 1, 1] } }, /2147483647, 1/],
    ['a struct for y', { y: { mxClass: 2 } }, /of class 2/],
    ['complex labels', { y: { complex: true } }, /a complex array/],
    [
      'a label of 11',
      { y: { values: [1, 11, 3, 4, 5] } },
      /label of image 1: got 11; allowed: 1\.\.9, and 10/,
    ],
    ['half a label', { y: { type: 9, values: [1, 2, 3, 0.5, 5] } }, /label of image 3: got 0\.5/],
    ['no number for a label', { y: { type: 9, values: [Number.NaN, 2, 3, 4, 5] } }, /got NaN/],
  ])('with %s are refused', async (_, changes, message) => {
    expect(await refused(file(changes))).toMatch(message);
    expect(await refused(file(changes, false))).toMatch(message);
  });

  it('with a compressed element inside a compressed one are refused', async () => {
    const twice = packed(packed(matrixElement(X), { compress: true }), { compress: true });
    expect(await refused(concat([matBytes([]), twice]))).toMatch(/inflated: got type 15; allowed: type 14/);
  });

  it('with other elements between the variables are refused', async () => {
    for (const type of [0, 1, 9, 13, 99, 0xffff]) {
      const bytes = concat([matBytes([X]), numbers(6, [type, 8]), new Uint8Array(8)]);
      expect(await refused(bytes)).toMatch(new RegExp(`got type ${type}; allowed: types 14`));
    }
  });

  it('with hundreds of variables are refused before all are unpacked', async () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ ...y, name: `v${i}` }));
    expect(await refused(matBytes(many, { compress: true }))).toMatch(/got more than 256/);
  });

  it('whose element promises more than the file has are called truncated', async () => {
    const bytes = concat([matBytes([]), numbers(6, [15, 0xffffffff])]);
    expect(await refused(bytes)).toMatch(/4294967295 bytes: got a truncated file: 0 bytes are left/);
  });

  it('whose packed data goes on after the last image are refused', async () => {
    const longer = deflateSync(concat([matrixElement(X), new Uint8Array(16)]));
    const bytes = concat([matBytes([y]), numbers(6, [15, longer.length]), longer]);
    expect(await refused(bytes)).toMatch(/an end after the last image: got more bytes/);
  });

  it('whose packed checksum is wrong are called corrupt', async () => {
    const bytes = matBytes([y, X], { compress: true });
    bytes[bytes.length - 1]! ^= 0xff;
    expect(await refused(bytes)).toMatch(/corrupt data \(.*Z_DATA_ERROR/);
  });
});
