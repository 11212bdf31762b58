import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.ts';

export default defineConfig(
  library({
    index: 'src/index.ts',
    cpu: 'src/cpu.ts',
    wasm: 'src/wasm.ts',
    webgpu: 'src/webgpu.ts',
    'webgpu.node': 'src/webgpu.node.ts',
    verify: 'src/verify.ts',
  }),
);
