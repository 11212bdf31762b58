import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.ts';

export default defineConfig(
  library({
    index: 'src/index.ts',
    active: 'src/active.ts',
    cpu: 'src/cpu.ts',
    node: 'src/node.ts',
    wasm: 'src/wasm.ts',
    webgpu: 'src/webgpu.ts',
    'webgpu.node': 'src/webgpu.node.ts',
    worker: 'src/worker.ts',
    workers: 'src/workers.ts',
    'serve-worker': 'src/serve-worker.ts',
    'picture-files': 'src/picture-files.ts',
    pool: 'src/pool.ts',
    'pool-thread': 'src/pool-thread.ts',
    verify: 'src/verify.ts',
  }),
);
