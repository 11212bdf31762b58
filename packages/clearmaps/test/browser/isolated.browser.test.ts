import { mnistNet } from '@clearmaps/models';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { createClearmaps } from '../../src/index.ts';
import { wasm } from '../../src/wasm.ts';
import { inWorker } from '../../src/worker.ts';
import { wasmWorker } from './workers/start-worker.ts';

it('runs wasm with threads', async () => {
  expect(crossOriginIsolated).toBe(true);
  await tf.setBackend('wasm');
  expect(tf.env().getBool('WASM_HAS_MULTITHREAD_SUPPORT')).toBe(true);
  expect(getThreadsCount()).toBe(2);
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  expect(wasm.HEAPU8.buffer).toBeInstanceOf(SharedArrayBuffer);
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  expect(loaded.some((name) => name.endsWith('threaded-simd.wasm'))).toBe(true);
});

it('runs wasm with threads in a worker, with the answers that threads give in the page', async () => {
  let worker!: Worker;
  const model = mnistNet();
  const start = (): Worker => {
    worker = wasmWorker();
    return worker;
  };
  const there = await createClearmaps({ model, backends: [inWorker(start)] });
  const here = await createClearmaps({ model, backends: [wasm()] });
  const pixels = Float32Array.from({ length: 784 }, (_, i) => (i % 28) / 27);
  expect(await there.explain(pixels)).toEqual(await here.explain(pixels));
  const threads = new Promise((resolve) => {
    worker.addEventListener('message', ({ data }) => 'threads' in data && resolve(data));
  });
  worker.postMessage('threads?');
  expect(await threads).toEqual({ threads: 2, shared: true });
  await Promise.all([there.dispose(), here.dispose()]);
});
