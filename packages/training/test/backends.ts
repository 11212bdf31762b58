import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';

/** Runs the tests on each backend; each test must leave as many tensors as it found. */
export function onEachBackend(name: string, tests: (backend: string) => void): void {
  describe.each(['cpu', 'wasm'])(`${name} (%s)`, (backend) => {
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
