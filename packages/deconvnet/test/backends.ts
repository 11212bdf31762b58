import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { provideWebGpu } from './webgpu-adapter.ts';

const webGpuMissing = await provideWebGpu();
if (webGpuMissing === '') await import('@tensorflow/tfjs-backend-webgpu');

export type BackendName = 'cpu' | 'wasm' | 'webgpu';

declare module 'vitest' {
  interface ProvidedContext {
    /** The backends to test; all of them unless told (see vitest.browser.config.ts). */
    backends: readonly BackendName[] | undefined;
  }
}
const wanted: readonly BackendName[] = inject('backends') ?? ['cpu', 'wasm', 'webgpu'];

/** Backends that run here: WebGPU needs an adapter. */
export const BACKENDS = wanted.filter((name) => name !== 'webgpu' || webGpuMissing === '');

/** The same tests on every backend; tensors that a test leaves behind fail it. */
export function onEachBackend(tests: (backend: BackendName) => void): void {
  describe.each(BACKENDS)('on %s', (backend) => {
    beforeAll(() => tf.setBackend(backend));
    leaksNothing();
    tests(backend);
  });
  if (wanted.length > BACKENDS.length) it.skip(`on webgpu [SKIPPED: ${webGpuMissing}]`);
}

/**
 * All of the cases on cpu and wasm, only the first `few` on webgpu: without a GPU, SwiftShader needs a hundred
 * times as long as wasm.
 */
export const fewerOnWebGpu = <T>(backend: BackendName, cases: readonly T[], few: number): readonly T[] =>
  backend === 'webgpu' ? cases.slice(0, few) : cases;

/** Each test of the suite must leave as many tensors as it found. Explainers made in beforeAll count as found. */
export function leaksNothing(): void {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors, 'tensors after the test').toBe(before);
  });
}

/** Registers `name` as a copy of the cpu backend that lacks some kernels, for one test. */
export async function withLeanBackend(
  name: string,
  lacking: readonly string[],
  run: () => void | Promise<void>,
): Promise<void> {
  const before = tf.getBackend();
  tf.registerBackend(name, () => new MathBackendCPU(), 0);
  tf.copyRegisteredKernels('cpu', name);
  for (const kernel of lacking) tf.unregisterKernel(kernel, name);
  try {
    await tf.setBackend(name);
    await run();
  } finally {
    await tf.setBackend(before);
    for (const { kernelName } of tf.getKernelsForBackend(name)) tf.unregisterKernel(kernelName, name);
    tf.removeBackend(name);
  }
}

// Nothing in this package prints. Imported by every test file, so this watches every test.
// The cpu backend advertises tfjs-node on first use. tfjs' IS_TEST flag would silence it, but grows a stack for ever.
const CPU_BANNER = 'Hi, looks like you are running TensorFlow.js in Node.js';
const printed: unknown[][] = [];
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  const spy = vi.spyOn(console, method).mockImplementation((...args) => {
    if (!String(args).includes(CPU_BANNER)) printed.push([method, ...args]);
  });
  afterAll(() => spy.mockRestore());
}
afterEach(() => {
  expect(printed.splice(0), 'console output').toEqual([]);
});
