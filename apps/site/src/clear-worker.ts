import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import type { Backend } from 'clearmaps';
import { serveWorker } from 'clearmaps/serve-worker';
import type { BackendChoice } from './start-engine.ts';

/** Each is loaded once it is asked for: most visits need one. */
const LOAD: Readonly<Record<Exclude<BackendChoice, 'auto'>, () => Promise<Backend>>> = {
  webgpu: async () => (await import('clearmaps/webgpu')).webgpu(),
  wasm: async () =>
    (await import('clearmaps/wasm')).wasm({
      paths: {
        'tfjs-backend-wasm.wasm': plain,
        'tfjs-backend-wasm-simd.wasm': simd,
        'tfjs-backend-wasm-threaded-simd.wasm': threaded,
      },
    }),
  cpu: async () => (await import('clearmaps/cpu')).cpu(),
};

/** A backend that is loaded only when its turn comes. */
function lazily(name: keyof typeof LOAD, refuse?: () => Promise<void>): Backend {
  return {
    name,
    async open(graph, onChange) {
      await refuse?.();
      return (await LOAD[name]()).open(graph, onChange);
    },
  };
}

/** A GPU that the processor plays is a hundred times slower than WebAssembly: fine when asked for by name. */
async function refuseEmulatedGpu(): Promise<void> {
  const adapter = await (navigator as { gpu?: GPU }).gpu?.requestAdapter();
  if (adapter?.info.isFallbackAdapter) {
    throw new Error('this GPU is emulated by the processor, which is slower than WebAssembly');
  }
}

const choice = self.name as BackendChoice;
serveWorker(
  choice === 'auto' ? [lazily('webgpu', refuseEmulatedGpu), lazily('wasm'), lazily('cpu')] : [lazily(choice)],
);
