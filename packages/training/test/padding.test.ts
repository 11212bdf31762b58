import { setBackend, tensor4d } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { Random } from '../src/index.ts';
import { TrainableNet } from '../src/trainable-net.ts';
import { NetBuilder } from './small-nets.ts';

async function scoresOn(backend: string, kernel: [number, number], strides: [number, number], size: number) {
  await setBackend(backend);
  const builder = new NetBuilder([size, size, 2], 5);
  builder.conv(kernel, 2, 3, { strides, padding: 'same' });
  builder.simple('flatten');
  const net = new TrainableNet(builder.graph());
  const random = Random.stream(2);
  const pixels = Float32Array.from({ length: 2 * size * size * 2 }, () => random.between(-1, 1));
  const images = tensor4d(pixels, [2, size, size, 2]);
  const scores = net.predict(images);
  const values = [...scores.dataSync()];
  for (const tensor of [images, scores]) tensor.dispose();
  net.dispose();
  return values;
}

test.each<{ kernel: [number, number]; strides: [number, number]; size: number }>([
  { kernel: [1, 1], strides: [2, 2], size: 8 },
  { kernel: [1, 1], strides: [3, 3], size: 8 },
  { kernel: [1, 1], strides: [2, 2], size: 7 },
  { kernel: [2, 2], strides: [3, 3], size: 6 },
  { kernel: [3, 1], strides: [1, 2], size: 8 },
])(
  "wasm pads 'same' as cpu does where a kernel is shorter than its stride: $kernel, strides $strides, size $size",
  async ({ kernel, strides, size }) => {
    const expected = await scoresOn('cpu', kernel, strides, size);
    const got = await scoresOn('wasm', kernel, strides, size);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
    expect(got).toHaveLength(expected.length);
  },
);
