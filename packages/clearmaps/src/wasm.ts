import { checkOptionNames } from '@clearmaps/errors';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { engine, env } from '@tensorflow/tfjs-core';
import { BackendError } from './errors.ts';
import { type TfjsBackend, tfjsBackend } from './tfjs-backend.ts';
import { checkWasmFile, type WasmPaths } from './wasm-file.ts';

export type { TfjsBackend } from './tfjs-backend.ts';
export type { WasmPaths } from './wasm-file.ts';

export interface WasmOptions {
  /**
   * Where a page finds the three binaries of @tensorflow/tfjs-backend-wasm: a folder that ends in `/`, or a map
   * from file name to address. Node finds them by itself.
   */
  readonly paths?: WasmPaths;
}

/** WebAssembly with SIMD where the machine has it. @throws BackendError for an option that there is not */
export function wasm(options: WasmOptions = {}): TfjsBackend {
  checkOptionNames('wasm', options, { paths: true }, BackendError);
  const { paths } = options;
  const inNode = env().getBool('IS_NODE');
  return tfjsBackend({
    name: 'wasm',
    async prepare() {
      if (paths === undefined || Object.hasOwn(engine().registry, 'wasm')) return;
      if (!inNode) await checkWasmFile(paths);
      setWasmPaths(paths as string | { [file: string]: string });
    },
    ...(paths === undefined &&
      !inNode && { hint: 'say where the three .wasm files are served: wasm({ paths })' }),
  });
}
