import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../src/index.ts';
import { decodeWeights, weightBytes } from '../src/layers-model/weights.ts';

type Specs = tf.io.WeightsManifestEntry[];

const SPECS: Specs = [
  { name: 'plain', shape: [2, 3], dtype: 'float32' },
  { name: 'bytes', shape: [5], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.01, min: -1.3 } },
  {
    name: 'words',
    shape: [2, 2],
    dtype: 'float32',
    quantization: { dtype: 'uint16', scale: 1e-4, min: 0.5 },
  },
  { name: 'halves', shape: [8], dtype: 'float32', quantization: { dtype: 'float16' } },
  { name: 'counts', shape: [2], dtype: 'int32' },
  { name: 'flags', shape: [3], dtype: 'bool' },
  { name: 'scalar', shape: [], dtype: 'float32' },
];

/** The stored bytes of each spec, written by hand. Halves: 1, -2, largest, smallest normal and subnormal, zeros, a third. */
const STORED = [
  Float32Array.from([1, -2.5, 3e-8, 1e30, -0, 0.1]),
  Uint8Array.from([0, 1, 127, 200, 255]),
  Uint16Array.from([0, 1, 32768, 65535]),
  Uint16Array.from([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x0000, 0x8000, 0x3555]),
  Int32Array.from([7, -7]),
  Uint8Array.from([1, 0, 1]),
  Float32Array.from([42]),
];

const DATA = Uint8Array.from(
  STORED.flatMap(({ buffer, byteOffset, byteLength }) => [...new Uint8Array(buffer, byteOffset, byteLength)]),
);

describe('decoded weights', () => {
  it('are those of tf.io.decodeWeights, quantised ones too', async () => {
    tf.enableProdMode();
    await tf.setBackend('cpu');
    const theirs = tf.io.decodeWeights(DATA.slice().buffer, SPECS);
    const ours = decodeWeights(SPECS, DATA);
    expect([...ours.keys()]).toEqual(Object.keys(theirs));
    for (const [name, { shape, dtype, values }] of ours) {
      expect(shape).toEqual(theirs[name]!.shape);
      expect(dtype).toBe(theirs[name]!.dtype);
      if (dtype === 'float32') expect(values).toEqual(theirs[name]!.dataSync());
      else expect(values).toBeUndefined();
    }
    tf.dispose(theirs);
    expect(ours.get('halves')?.values).toEqual(
      Float32Array.from([1, -2, 65504, 2 ** -14, 2 ** -24, 0, -0, 0.333251953125]),
    );
  });

  it('may come in one buffer, in several cut anywhere, or in a view into a larger one', () => {
    const whole = decodeWeights(SPECS, DATA.slice().buffer);
    const parts = [DATA.slice(0, 7).buffer, DATA.slice(7, 8).buffer, DATA.slice(8).buffer];
    const larger = new Uint8Array(DATA.length + 9);
    larger.set(DATA, 3);
    expect(decodeWeights(SPECS, parts)).toEqual(whole);
    expect(decodeWeights(SPECS, larger.subarray(3, 3 + DATA.length))).toEqual(whole);
    expect(weightBytes(SPECS)).toBe(DATA.length);
  });

  it('must have exactly the bytes that the entries add up to', () => {
    expect(() => decodeWeights(SPECS, DATA.subarray(1))).toThrow(
      `weights: got a truncated file: ${DATA.length - 1} bytes; allowed: the ${DATA.length} bytes`,
    );
    expect(() => decodeWeights(SPECS, new Uint8Array(DATA.length + 1))).toThrow(/trailing bytes/);
    expect(() => decodeWeights([{ name: 'huge', shape: [2 ** 40], dtype: 'float32' }], DATA)).toThrow(
      /truncated/,
    );
  });

  it.each([
    [{}, /weight specs: got \{\}; allowed: an array/],
    [[null], /weight 0: got null/],
    [[{ shape: [1], dtype: 'float32' }], /weight 0: name: got nothing/],
    [[{ name: 'w', shape: [-1], dtype: 'float32' }], /weight "w": shape: got \[-1\]/],
    [[{ name: 'w', shape: [1], dtype: 'string' }], /weight "w": dtype: got "string"; allowed: "float32"/],
    [
      [{ name: 'w', shape: [1], dtype: 'float32', quantization: { dtype: 'int4' } }],
      /quantization\.dtype: got "int4"/,
    ],
    [
      [{ name: 'w', shape: [1], dtype: 'float32', quantization: { dtype: 'uint8' } }],
      /quantization\.scale: got/,
    ],
    [Array(2).fill({ name: 'w', shape: [0], dtype: 'float32' }), /weight "w": got two entries/],
  ])('have entries that are whole: %j', (specs, message) => {
    const decode = () => decodeWeights(specs, new Uint8Array(0));
    expect(decode).toThrow(message);
    expect(decode).toThrow(ModelFileError);
  });

  it('must be bytes', () => {
    expect(() => decodeWeights([], undefined)).toThrow(/weightData: got nothing; allowed: an ArrayBuffer/);
  });
});
