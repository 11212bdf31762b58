import { engine, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { BackendError } from './errors.ts';

/** One row of the caller's list. Made by the factories of `clearmaps/wasm` and `clearmaps/cpu`. */
export interface Backend {
  /** The name under which TensorFlow.js knows it. */
  readonly name: string;
  /** Settings that must be in place before the backend starts; may throw with the reason it cannot. */
  prepare?(): void | Promise<void>;
}

/** Which backend runs, and which ones of the list were passed over. */
export interface ActiveBackend {
  readonly name: string;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Starts the first backend of the list that works. Note that TensorFlow.js has one active backend a page.
 *
 * @throws BackendError when none does, with every reason.
 */
export async function startBackend(backends: readonly Backend[]): Promise<ActiveBackend> {
  const skipped: { name: string; reason: string }[] = [];
  for (const backend of backends) {
    try {
      await backend.prepare?.();
      // setBackend gives false, and logs, where a factory fails; findBackendFactory tells an absent one apart.
      if (engine().findBackendFactory(backend.name) === null) {
        throw new Error('it is not registered with this copy of @tensorflow/tfjs-core');
      }
      if (!(await setBackend(backend.name))) throw new Error('it could not be initialised');
      await ready();
      return { name: getBackend(), skipped };
    } catch (error) {
      skipped.push({ name: backend.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new BackendError({
    asked: `a backend out of ${backends.map(({ name }) => name).join(', ') || 'an empty list'}`,
    got: skipped.map(({ name, reason }) => `${name}: ${reason}`).join('; ') || 'none to try',
    remedy: 'Install and list another backend, for example cpu() from clearmaps/cpu.',
  });
}
