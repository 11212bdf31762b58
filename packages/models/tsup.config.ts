import { defineConfig } from 'tsup';
import { library } from '../../tsup.shared.ts';

export default defineConfig(
  library({
    index: 'src/index.ts',
    node: 'src/node.ts',
    'keras-hdf5': 'src/keras-hdf5/index.ts',
    onnx: 'src/onnx-file/index.ts',
    safetensors: 'src/safetensors/index.ts',
  }),
);
