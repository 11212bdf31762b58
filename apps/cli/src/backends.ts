import { enableProdMode } from '@tensorflow/tfjs-core';
import { type ActiveBackend, type Backend, startBackend } from 'clearmaps';
import { cpu } from 'clearmaps/cpu';
import { wasm } from 'clearmaps/wasm';
import { UsageError } from './errors.ts';

/** Adding a backend to the command line is one row. */
const BACKENDS: Readonly<Record<string, () => Backend>> = { wasm: () => wasm(), cpu: () => cpu() };

export const BACKEND_NAMES = ['auto', ...Object.keys(BACKENDS)];

/** 'auto' tries all, fastest first. @throws UsageError, BackendError */
export function chooseBackends(name: string): Backend[] {
  if (name === 'auto') return Object.values(BACKENDS).map((make) => make());
  const make = Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
  if (make === undefined) {
    throw new UsageError({ asked: '--backend', got: `"${name}"`, allowed: BACKEND_NAMES.join(', ') });
  }
  return [make()];
}

export async function startChosenBackend(name: string): Promise<ActiveBackend> {
  // Keeps tfjs' advertisement for its native package off the terminal.
  enableProdMode();
  return startBackend(chooseBackends(name));
}
