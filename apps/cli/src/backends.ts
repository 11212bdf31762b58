import { extname } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet';
import type { ForwardChoice, NativeExplainerOptions } from '@clearmaps/onnx';
import { type Backend, type Clearmaps, createClearmaps, firstOf } from 'clearmaps';
import type { TfjsBackend } from 'clearmaps/wasm';
import { UsageError } from './errors.ts';

/** Brings the code of a backend when it is used: TensorFlow.js takes longer to load than a digit to explain. */
type Load<B extends Backend, Options extends unknown[] = []> = (...options: Options) => Promise<B>;

/** Those that TensorFlow.js runs, which training needs: fastest first; webgpu last, which starts slowly. */
const TFJS_BACKENDS: Readonly<Record<string, Load<TfjsBackend>>> = {
  wasm: onTfjs(async () => (await import('clearmaps/wasm')).wasm()),
  cpu: onTfjs(async () => (await import('clearmaps/cpu')).cpu()),
  webgpu: onTfjs(async () => (await import('clearmaps/webgpu')).webgpu()),
};

/** Adding a backend to the command line is one row, fastest first. */
const BACKENDS: Readonly<Record<string, Load<Backend, [NativeExplainerOptions]>>> = {
  native: async (options) => (await import('clearmaps/node')).native(options),
  ...TFJS_BACKENDS,
};

/** Those whose forward pass may compute in float64. */
const IN_FLOAT64: readonly string[] = ['native'];

/** They have no threads of their own in Node. */
const SINGLE_THREADED: readonly string[] = ['wasm', 'cpu'];
/** A GPU serves all threads alike. */
const WITHOUT_POOL: readonly string[] = ['webgpu'];

export const EACH_BACKEND: readonly string[] = Object.keys(BACKENDS);
export const BACKEND_NAMES = ['auto', ...EACH_BACKEND];
export const TFJS_BACKEND_NAMES = ['auto', ...Object.keys(TFJS_BACKENDS)];

/** Beside this file, both in src, as .ts, and in dist. */
const POOL_MODULE = new URL(`./pool-backends${extname(import.meta.url)}`, import.meta.url);

/** What `--backend` and `--forward` say. */
export interface BackendChoice {
  readonly backend: string;
  /** Default 'float32'. */
  readonly forward?: ForwardChoice;
}

/**
 * Those that were chosen and can compute in what was asked for; 'auto' tries all that can, fastest first.
 *
 * @param threads of one that has threads; default one a core
 * @throws UsageError
 */
export function chooseBackends({ backend, forward = 'float32' }: BackendChoice, threads?: number): Backend[] {
  const backends = chosen(backend, BACKENDS).map(([row, load]) =>
    whenOpened(row, () => load({ forward, threads })),
  );
  if (forward !== 'float64') return backends;
  const found = backends.filter(({ name }) => IN_FLOAT64.includes(name));
  if (found.length > 0) return found;
  throw new UsageError({
    asked: `--forward ${forward}`,
    got: `--backend ${backend}, which computes in float32 alone`,
    allowed: `--backend ${['auto', ...IN_FLOAT64].join(', ')}`,
  });
}

/**
 * Puts a model on the chosen backend.
 *
 * @param threads how many share the images, where the backend has none of its own
 * @throws UsageError, BackendError, GraphError
 */
export async function openChosen(model: LayerGraph, choice: BackendChoice, threads = 1): Promise<Clearmaps> {
  const backends = chooseBackends(choice).map((backend) =>
    threads > 1 && SINGLE_THREADED.includes(backend.name) ? poolOf(backend.name, threads) : backend,
  );
  return createClearmaps({ model, backends });
}

/** The same on threads with an engine each; undefined where that brings nothing. */
export async function openPooled(
  model: LayerGraph,
  name: string,
  threads: number,
): Promise<Clearmaps | undefined> {
  if (threads === 1 || WITHOUT_POOL.includes(name)) return undefined;
  return createClearmaps({ model, backends: [poolOf(name, threads)] });
}

function poolOf(name: string, threads: number): Backend {
  return whenOpened('pool', async () => {
    const { pool } = await import('clearmaps/pool');
    return pool({ module: POOL_MODULE, argument: name, threads });
  });
}

function whenOpened(name: string, load: Load<Backend>): Backend {
  return { name, open: async (graph, onChange) => (await load()).open(graph, onChange) };
}

function onTfjs(load: Load<TfjsBackend>): Load<TfjsBackend> {
  return async () => {
    const { enableProdMode } = await import('@tensorflow/tfjs-core');
    // Keeps tfjs' advertisement for its native package off the terminal.
    enableProdMode();
    return load();
  };
}

/**
 * Where it was computed, as sheets name it.
 *
 * @param computed what forward passes computed in: of an explanation, or as it was asked for
 */
export function placeText({ backend }: Clearmaps, { forward }: { readonly forward?: string }): string {
  return forward === 'float64' ? `${backend.name}, forward pass in float64` : backend.name;
}

/**
 * Makes the chosen one the active backend of TensorFlow.js.
 *
 * @returns its name
 * @throws UsageError, BackendError
 */
export async function startChosenBackend(name: string): Promise<string> {
  const rows = chosen(name, TFJS_BACKENDS).map(([row, load]) => ({ name: row, load }));
  const { backend } = await firstOf(rows, async ({ load }) => (await load()).start());
  return backend.name;
}

/** Whether it computes with TensorFlow.js. */
export function runsOnTfjs(name: string): boolean {
  return Object.hasOwn(TFJS_BACKENDS, name);
}

/** Makes one the active backend of TensorFlow.js. Throws with the reason it cannot. */
export async function startTfjsBackend(name: string): Promise<void> {
  for (const [, load] of chosen(name, TFJS_BACKENDS)) await (await load()).start();
}

function chosen<B>(name: string, rows: Readonly<Record<string, B>>): [name: string, row: B][] {
  const all = Object.entries(rows);
  const found = name === 'auto' ? all : all.filter(([row]) => row === name);
  if (found.length > 0) return found;
  throw new UsageError({
    asked: '--backend',
    got: `"${name}"`,
    allowed: ['auto', ...Object.keys(rows)].join(', '),
  });
}
