import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, expect } from 'vitest';
import { commands } from 'vitest/browser';
import { pretendFourCores } from './four-cores.ts';
import { WASM_PATHS } from './wasm-paths.ts';

pretendFourCores();
setWasmPaths(WASM_PATHS);

afterAll(async () => {
  expect(await commands.consoleErrors(), 'errors in the console of the page').toEqual([]);
});
