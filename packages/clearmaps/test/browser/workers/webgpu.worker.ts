import { backend } from '@tensorflow/tfjs-core';
import { serveWorker } from '../../../src/serve-worker.ts';
import { wasm } from '../../../src/wasm.ts';
import { webgpu } from '../../../src/webgpu.ts';
import { WASM_PATHS } from '../wasm-paths.ts';

addEventListener('message', ({ data }) => {
  if (data === 'lose the device') (backend() as unknown as { device: GPUDevice }).device.destroy();
});
serveWorker([webgpu(), wasm({ paths: WASM_PATHS })]);
