import type { Options } from 'tsup';

/** ESM only, one file an entry with shared chunks, declarations, source maps; dependencies stay outside. */
export function library(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm'],
    target: 'es2022',
    dts: { compilerOptions: { customConditions: [] } },
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
  };
}
