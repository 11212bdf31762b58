import { File, ready } from 'h5wasm';
import { describe, expect, it } from 'vitest';
import { graphFromKerasHdf5 } from '../src/keras-hdf5/index.ts';
import { hdf5, writeWeights } from './hdf5-writer.ts';

const ones = (...shape: number[]) => ({
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
});
const weights = { block1_conv1: { k: ones(3, 3, 3, 2), b: ones(2) } };
const whole = await hdf5((file) => writeWeights(file, '', weights));

/**
 * A text that claims 16 MB more than it has, in the heap of texts. Some 50 readings of it damage the memory of HDF5's
 * library (2.0), so that every later one ends in "memory access out of bounds".
 */
function withEndlessText(): Uint8Array {
  const bytes = whole.slice();
  // Format Specification 3.0, III.E: the size, 8 bytes, comes before the text.
  const text = Buffer.from(bytes).indexOf('tensorflow');
  bytes[text - 8 + 2] = 0xf4;
  return bytes;
}

describe('the HDF5 library', () => {
  it('reads a good file after each of sixty broken ones', async () => {
    const broken = withEndlessText();
    for (let n = 0; n < 60; n++) {
      await expect(graphFromKerasHdf5(broken.slice())).rejects.toThrow(/HDF5 file/);
      await graphFromKerasHdf5(whole.slice());
    }
  });

  it('leaves a file alone that someone else has open in it', async () => {
    const { FS } = await ready;
    FS.writeFile('/theirs.h5', whole.slice());
    const theirs = new File('/theirs.h5', 'r');
    await expect(graphFromKerasHdf5(new Uint8Array(100))).rejects.toThrow(/HDF5 file/);
    await graphFromKerasHdf5(whole.slice());
    expect(theirs.keys()).toEqual(['block1_conv1']);
    theirs.close();
    FS.unlink('/theirs.h5');
    await graphFromKerasHdf5(whole.slice());
  });

  it('holds no file once it is read, broken or not', async () => {
    const { FS } = await ready;
    const held = () => (FS as unknown as { streams: unknown[] }).streams.filter((stream) => stream).length;
    const before = [held(), FS.readdir('/')];
    await graphFromKerasHdf5(whole.slice());
    await expect(graphFromKerasHdf5(withEndlessText())).rejects.toThrow();
    await expect(graphFromKerasHdf5(whole.slice(0, 3000))).rejects.toThrow();
    expect([held(), FS.readdir('/')]).toEqual(before);
  });
});
