import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.ts';

export default defineConfig(
  library({
    index: 'src/index.ts',
    'worker-backend': 'src/worker-backend.ts',
    'probe-process': 'src/probe-process.ts',
    'pool-backends': 'src/pool-backends.ts',
  }),
);
