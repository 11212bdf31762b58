import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provideWebGpu } from '../../deconvnet/test/webgpu-adapter.ts';

/** Runs the tests on each backend; each test must leave as many tensors as it found. */
export function onEachBackend(
  name: string,
  tests: (backend: string) => void,
  backends: readonly string[] = ['cpu', 'wasm'],
): void {
  describe.each(backends)(`${name} (%s)`, (backend) => {
    let before = 0;
    beforeAll(async () => {
      expect(await setBackend(backend)).toBe(true);
    });
    beforeEach(() => {
      before = memory().numTensors;
    });
    afterEach(() => {
      expect(memory().numTensors, 'tensors left behind').toBe(before);
    });
    tests(backend);
  });
}

/** The same on WebGPU too, where there is an adapter: for the suites that a GPU in software gets through. */
export async function onEachBackendAndWebGpu(name: string, tests: (backend: string) => void): Promise<void> {
  const missing = await provideWebGpu();
  if (missing !== '') test.skip(`${name} (webgpu) [SKIPPED: ${missing}]`);
  else await import('@tensorflow/tfjs-backend-webgpu');
  onEachBackend(name, tests, ['cpu', 'wasm', ...(missing === '' ? ['webgpu'] : [])]);
}
