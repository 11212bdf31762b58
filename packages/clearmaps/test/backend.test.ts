import { mnistNet } from '@clearmaps/models';
import { enableProdMode, memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { cpu } from '../src/cpu.ts';
import { BackendError, createClearmaps, startBackend } from '../src/index.ts';
import { wasm } from '../src/wasm.ts';

beforeAll(enableProdMode);

describe('startBackend', () => {
  test('takes the first of the list that starts', async () => {
    expect(await startBackend([wasm(), cpu()])).toEqual({ name: 'wasm', skipped: [] });
    expect(await startBackend([cpu(), wasm()])).toEqual({ name: 'cpu', skipped: [] });
  });

  test('says why it passed others over', async () => {
    const refuses = {
      name: 'webgpu',
      prepare() {
        throw new Error('requestAdapter() returned null');
      },
    };
    const { name, skipped } = await startBackend([refuses, { name: 'nowhere' }, cpu()]);
    expect(name).toBe('cpu');
    expect(skipped[0]).toEqual({ name: 'webgpu', reason: 'requestAdapter() returned null' });
    expect(skipped[1]?.reason).toMatch(/not registered/);
  });

  test('throws with every reason when none starts', async () => {
    const failure = startBackend([{ name: 'a' }, { name: 'b' }]);
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow(/a: .*not registered.*; b: /);
    await expect(startBackend([])).rejects.toThrow(/empty list/);
  });
});

test('createClearmaps explains and predicts, and leaves no tensor behind', async () => {
  await startBackend([wasm()]);
  const before = memory().numTensors;
  const cm = await createClearmaps({ model: mnistNet({ seed: 4 }), backends: [wasm()] });
  const pixels = Float32Array.from({ length: 784 }, (_, i) => (i % 28) / 27);
  const { shape, maps, dominantClass, probabilities } = await cm.explain(pixels, { classes: [2, 0] });
  const prediction = await cm.predict(pixels);
  expect(cm.backend.name).toBe('wasm');
  expect(shape).toEqual([1, 28, 28, 1]);
  expect(maps).toHaveLength(2 * 784);
  expect(new Set(dominantClass)).toEqual(new Set([0, 2].filter((c) => dominantClass.includes(c))));
  expect(prediction.probabilities).toEqual(probabilities);
  cm.dispose();
  expect(memory().numTensors).toBe(before);
});
