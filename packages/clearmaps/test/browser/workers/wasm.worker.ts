import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { backend } from '@tensorflow/tfjs-core';
import { serveWorker } from '../../../src/serve-worker.ts';
import { wasm } from '../../../src/wasm.ts';
import { pretendFourCores } from '../four-cores.ts';
import { WASM_PATHS } from '../wasm-paths.ts';

pretendFourCores();
addEventListener('message', ({ data }) => {
  if (data === 'threads?') postMessage({ threads: getThreadsCount(), shared: hasSharedMemory() });
  if (data === 'close') close();
  const answersAgain = performance.now() + 300;
  while (data === 'hang' && performance.now() < answersAgain);
});
// A worker may have to wait before it can serve.
await new Promise((resolve) => setTimeout(resolve, 20));
serveWorker([wasm({ paths: WASM_PATHS })]);

function hasSharedMemory(): boolean {
  const { wasm: module } = backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return module.HEAPU8.buffer instanceof SharedArrayBuffer;
}
