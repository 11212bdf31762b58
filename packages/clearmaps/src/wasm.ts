import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type TfjsBackend, tfjsBackend } from './tfjs-backend.ts';

export type { TfjsBackend } from './tfjs-backend.ts';

export interface WasmOptions {
  /**
   * Where a page finds the three binaries of @tensorflow/tfjs-backend-wasm: a folder that ends in `/`, or a map
   * from file name to address. Node finds them by itself.
   */
  readonly paths?: string | Readonly<Record<string, string>>;
}

/** WebAssembly with SIMD where the machine has it. */
export function wasm(options: WasmOptions = {}): TfjsBackend {
  return tfjsBackend({
    name: 'wasm',
    prepare() {
      if (options.paths !== undefined) setWasmPaths(options.paths as string | { [file: string]: string });
    },
  });
}
