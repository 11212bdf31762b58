import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

interface Row {
  /** The module that a page would have. */
  readonly module: string;
  /** What it leaves to be fetched from elsewhere; TensorFlow.js is the page's own, Node's packages are Node's. */
  readonly external?: readonly string[];
  /** Most bytes at the start, minified and gzipped. */
  readonly most: number;
  /** Most bytes that come later, when they are needed. */
  readonly mostLater?: number;
}

const ROOT = `export { createClearmaps, drawClearMap } from 'clearmaps';`;
const CORE = '@tensorflow/tfjs-core';
const WASM = '@tensorflow/tfjs-backend-wasm';
const WEBGPU = '@tensorflow/tfjs-backend-webgpu';

/** pica, which scales pictures to the size of a net's input: one that fits needs none of it. */
const PICA = 17_000;
/** What scores changed windows, for methods that cover parts of a picture. */
const CHANGES = 5_850;

/**
 * A few per cent above what there is, so that growth is a decision: raise a number here and say why. That options are
 * checked by name takes half a kB.
 */
const SIZES: Readonly<Record<string, Row>> = {
  'the smallest useful import of the root': {
    module: `export { createClearmaps } from 'clearmaps';`,
    most: 8_900,
    mostLater: PICA,
  },
  'the root for a picture': { module: ROOT, most: 11_050, mostLater: PICA },
  'the whole root': { module: `export * from 'clearmaps';`, most: 14_300, mostLater: PICA },
  'from import to picture on wasm': {
    module: `${ROOT} export * from 'clearmaps/wasm';`,
    external: [WASM, CORE],
    most: 27_800,
    mostLater: PICA + CHANGES,
  },
  'from import to picture on webgpu, else wasm': {
    module: `${ROOT} export * from 'clearmaps/webgpu'; export * from 'clearmaps/wasm';`,
    external: [WASM, WEBGPU, CORE],
    most: 28_500,
    mostLater: PICA + CHANGES,
  },
  'from import to picture in a worker, the part of the page': {
    module: `${ROOT} export * from 'clearmaps/worker';`,
    most: 13_850,
    mostLater: PICA,
  },
  'clearmaps/active': {
    module: `export * from 'clearmaps/active';`,
    external: [CORE],
    most: 20_350,
    mostLater: CHANGES,
  },
  'clearmaps/cpu': {
    module: `export * from 'clearmaps/cpu';`,
    external: ['@tensorflow/tfjs-backend-cpu', CORE],
    most: 20_350,
    mostLater: CHANGES,
  },
  'clearmaps/wasm': {
    module: `export * from 'clearmaps/wasm';`,
    external: [WASM, CORE],
    most: 20_950,
    mostLater: CHANGES,
  },
  'clearmaps/webgpu': {
    module: `export * from 'clearmaps/webgpu';`,
    external: [WEBGPU, CORE],
    most: 21_100,
    mostLater: CHANGES,
  },
  'clearmaps/worker': { module: `export * from 'clearmaps/worker';`, most: 4_200 },
  'clearmaps/workers': { module: `export * from 'clearmaps/workers';`, most: 6_300 },
  'clearmaps/serve-worker': {
    module: `export * from 'clearmaps/serve-worker';`,
    most: 11_200,
    mostLater: PICA,
  },
  'clearmaps/verify': { module: `export * from 'clearmaps/verify';`, most: 1_200 },
};

/** As a page's bundler would make it, but for TensorFlow.js, which stays outside. */
async function bundle({ module }: Row) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: module, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external: ['@tensorflow/*'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const { outputs } = metafile;
  const atStart = new Set<string>();
  const external = new Set<string>();
  const follow = (output: string): void => {
    if (atStart.has(output)) return;
    atStart.add(output);
    for (const target of outputs[output]!.imports) {
      if (target.external) external.add(target.path);
      else if (target.kind === 'import-statement') follow(target.path);
    }
  };
  follow(Object.keys(outputs).find((name) => outputs[name]!.entryPoint === '<stdin>')!);
  const size = { start: 0, later: 0 };
  for (const { path, contents } of outputFiles) {
    const part = [...atStart].some((name) => path.endsWith(name)) ? 'start' : 'later';
    size[part] += gzipSync(contents).length;
  }
  return { size, external: [...external].sort(), inputs: Object.keys(metafile.inputs) };
}

describe('in a page', () => {
  test.each(Object.entries(SIZES))('%s brings what it must, and no more', async (_, row) => {
    const { size, external, inputs } = await bundle(row);
    expect(external).toEqual(row.external ?? []);
    expect(size.start, 'bytes at the start').toBeLessThanOrEqual(row.most);
    expect(size.later, 'bytes later').toBeLessThanOrEqual(row.mostLater ?? 0);
    // Half a budget would be one that notices nothing.
    expect(size.start, 'bytes at the start').toBeGreaterThan(row.most * 0.85);
    const packages = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
    expect(
      packages.filter((name) => /^(onnxruntime|webgpu|piscina|sharp|protobufjs)/.test(name ?? '')),
    ).toEqual([]);
  });

  test.each(['clearmaps/node', 'clearmaps/picture-files', 'clearmaps/pool'])(
    '%s, which is Node only, does not build',
    async (entry) => {
      await expect(bundle({ module: `export * from '${entry}';`, most: 0 })).rejects.toThrow(
        /Could not resolve "(node:)?(worker_threads|fs|url|util|child_process|path)"/,
      );
    },
  );
});
