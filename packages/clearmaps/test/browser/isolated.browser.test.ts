import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

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
