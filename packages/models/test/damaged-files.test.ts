import { ClearmapsError } from '@clearmaps/errors';
import { mulberry32 } from '@clearmaps/random';
import { describe, expect, it } from 'vitest';
import { graphFromKerasHdf5 } from '../src/keras-hdf5/index.ts';
import { graphFromOnnx } from '../src/onnx-file/index.ts';
import { graphFromSafetensors } from '../src/safetensors/index.ts';
import { hdf5, writeWeights } from './hdf5-writer.ts';
import { safetensors, vggStateDict } from './safetensors-writer.ts';
import { mobileNetV2 } from './torch-nets.ts';

const wave = (...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
});

const smallVgg = () =>
  hdf5((file) =>
    writeWeights(file, '', {
      block1_conv1: { k: wave(3, 3, 3, 2), b: wave(2) },
      block2_conv1: { k: wave(3, 3, 2, 3), b: wave(3) },
    }),
  );

const KINDS: [string, () => Promise<Uint8Array> | Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ['ONNX', () => mobileNetV2('sizes'), graphFromOnnx],
  ['safetensors', () => safetensors(vggStateDict(true)), graphFromSafetensors],
  ['HDF5', smallVgg, graphFromKerasHdf5],
];

/** How many reads gave a graph, and how many one of our errors; any other error fails. */
async function outcomes(files: Iterable<Uint8Array>, read: (bytes: Uint8Array) => unknown) {
  const count = { read: 0, refused: 0 };
  for (const bytes of files) {
    try {
      await read(bytes);
      count.read++;
    } catch (error) {
      if (!(error instanceof ClearmapsError)) throw error;
      count.refused++;
    }
  }
  return count;
}

describe.each(KINDS)('%s', (_, make, read) => {
  it('cut short anywhere is refused, with nothing but our own errors', async () => {
    const whole = Uint8Array.from(await make());
    const step = Math.ceil(whole.length / 250);
    const cuts = Array.from({ length: Math.floor(whole.length / step) }, (_, i) => whole.slice(0, i * step));
    expect(await outcomes(cuts, read)).toEqual({ read: 0, refused: cuts.length });
    await read(whole);
  });

  it('with bytes turned over is read or refused, with nothing but our own errors', async () => {
    const whole = Uint8Array.from(await make());
    const next = mulberry32(5);
    const damaged = Array.from({ length: 400 }, () => {
      const bytes = whole.slice();
      // Structure comes first in these files, or last; weights fill the middle.
      const near = Math.min(whole.length, 3000);
      for (let n = 0; n < 3; n++) {
        const at = next() % 3 === 0 ? next() % whole.length : next() % near;
        bytes[at] = next() % 256;
      }
      return bytes;
    });
    const count = await outcomes(damaged, read);
    expect(count.refused).toBeGreaterThan(20);
    await read(whole);
  });
});
