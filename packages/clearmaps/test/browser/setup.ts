/// <reference types="vite/client" />
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { afterAll, expect } from 'vitest';
import { commands } from 'vitest/browser';

// tfjs runs half as many threads as there are cores: without this, a machine of two would test none.
Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });

setWasmPaths({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threaded,
});

afterAll(async () => {
  expect(await commands.consoleErrors(), 'errors in the console of the page').toEqual([]);
});
