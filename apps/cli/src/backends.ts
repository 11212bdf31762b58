import type { LayerGraph } from '@clearmaps/deconvnet';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { type Backend, type Clearmaps, createClearmaps, firstOf } from 'clearmaps';
import { cpu } from 'clearmaps/cpu';
import { type TfjsBackend, wasm } from 'clearmaps/wasm';
import { UsageError } from './errors.ts';

/** Those of TensorFlow.js, which training needs, fastest first. */
const TFJS_BACKENDS: Readonly<Record<string, () => TfjsBackend>> = { wasm: () => wasm(), cpu: () => cpu() };

/** Adding a backend to the command line is one row, fastest first. */
const BACKENDS: Readonly<Record<string, () => Backend>> = { ...TFJS_BACKENDS };

export const BACKEND_NAMES = ['auto', ...Object.keys(BACKENDS)];
export const TFJS_BACKEND_NAMES = ['auto', ...Object.keys(TFJS_BACKENDS)];

/** 'auto' tries all, fastest first. @throws UsageError, BackendError */
export function chooseBackends(name: string): Backend[] {
  // Keeps tfjs' advertisement for its native package off the terminal.
  enableProdMode();
  return chosen(name, BACKENDS);
}

/** Puts a model on the chosen backend. @throws UsageError, BackendError, GraphError */
export async function openChosen(model: LayerGraph, name: string): Promise<Clearmaps> {
  return createClearmaps({ model, backends: chooseBackends(name) });
}

/**
 * Makes the chosen one the active backend of TensorFlow.js.
 *
 * @returns its name
 * @throws UsageError, BackendError
 */
export async function startChosenBackend(name: string): Promise<string> {
  enableProdMode();
  const { backend } = await firstOf(chosen(name, TFJS_BACKENDS), (candidate) => candidate.start());
  return backend.name;
}

function chosen<B extends Backend>(name: string, rows: Readonly<Record<string, () => B>>): B[] {
  if (name === 'auto') return Object.values(rows).map((make) => make());
  const make = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (make === undefined) {
    throw new UsageError({
      asked: '--backend',
      got: `"${name}"`,
      allowed: ['auto', ...Object.keys(rows)].join(', '),
    });
  }
  return [make()];
}
