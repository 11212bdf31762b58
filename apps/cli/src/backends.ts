import { extname } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet';
import type { ForwardChoice, NativeExplainerOptions } from '@clearmaps/onnx';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { type Backend, type Clearmaps, createClearmaps, firstOf } from 'clearmaps';
import { cpu } from 'clearmaps/cpu';
import { native } from 'clearmaps/node';
import { pool } from 'clearmaps/pool';
import { type TfjsBackend, wasm } from 'clearmaps/wasm';
import { webgpu } from 'clearmaps/webgpu';
import { UsageError } from './errors.ts';

/** Those that TensorFlow.js runs, which training needs: fastest first; webgpu last, which starts slowly. */
const TFJS_BACKENDS: Readonly<Record<string, () => TfjsBackend>> = {
  wasm: () => wasm(),
  cpu: () => cpu(),
  webgpu: () => webgpu(),
};

/** Adding a backend to the command line is one row, fastest first. */
const BACKENDS: Readonly<Record<string, (options: NativeExplainerOptions) => Backend>> = {
  native: (options) => native(options),
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
 * 'auto' tries all that can, fastest first.
 *
 * @param threads of one that has threads; default one a core
 * @throws UsageError
 */
export function chooseBackends(choice: BackendChoice, threads?: number): Backend[] {
  return able(choice, threads).map(([, make]) => make());
}

/**
 * Puts a model on the chosen backend.
 *
 * @param threads how many share the images, where the backend has none of its own
 * @throws UsageError, BackendError, GraphError
 */
export async function openChosen(model: LayerGraph, choice: BackendChoice, threads = 1): Promise<Clearmaps> {
  const backends = able(choice).map(([row, make]) =>
    threads > 1 && SINGLE_THREADED.includes(row) ? poolOf(row, threads) : make(),
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
  return pool({ module: POOL_MODULE, argument: name, threads });
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
  const backends = chosen(name, TFJS_BACKENDS).map(([, make]) => make());
  const { backend } = await firstOf(backends, (candidate) => candidate.start());
  return backend.name;
}

/** Whether it computes with TensorFlow.js. */
export function runsOnTfjs(name: string): boolean {
  return Object.hasOwn(TFJS_BACKENDS, name);
}

/** Makes one the active backend of TensorFlow.js. Throws with the reason it cannot. */
export async function startTfjsBackend(name: string): Promise<void> {
  for (const [, make] of chosen(name, TFJS_BACKENDS)) await make().start();
}

/** Those that were chosen and can compute in what was asked for. */
function able(
  { backend, forward = 'float32' }: BackendChoice,
  threads?: number,
): [name: string, make: () => Backend][] {
  const rows = chosen(backend, BACKENDS).map(([row, make]): [string, () => Backend] => [
    row,
    () => make({ forward, threads }),
  ]);
  if (forward !== 'float64') return rows;
  const found = rows.filter(([row]) => IN_FLOAT64.includes(row));
  if (found.length > 0) return found;
  throw new UsageError({
    asked: `--forward ${forward}`,
    got: `--backend ${backend}, which computes in float32 alone`,
    allowed: `--backend ${['auto', ...IN_FLOAT64].join(', ')}`,
  });
}

function chosen<B>(name: string, rows: Readonly<Record<string, B>>): [name: string, row: B][] {
  // Keeps tfjs' advertisement for its native package off the terminal.
  enableProdMode();
  const all = Object.entries(rows);
  const found = name === 'auto' ? all : all.filter(([row]) => row === name);
  if (found.length > 0) return found;
  throw new UsageError({
    asked: '--backend',
    got: `"${name}"`,
    allowed: ['auto', ...Object.keys(rows)].join(', '),
  });
}
