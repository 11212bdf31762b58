import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.ts';

export default defineConfig(
  library({
    fetch: 'src/fetch.ts',
    index: 'src/index.ts',
    mnist: 'src/mnist.ts',
    node: 'src/node.ts',
    synthetic: 'src/synthetic.ts',
  }),
);
