import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import type { Engine } from './engine.ts';
import { BackendError } from './errors.ts';

/** One row of the caller's list. Made by the factories of `clearmaps/webgpu`, `/node`, `/wasm` and `/cpu`. */
export interface Backend {
  /** As {@link ActiveBackend} names it. */
  readonly name: string;
  /**
   * Puts a model on it; throws with the reason it cannot.
   *
   * @param onChange told when an engine that has a list of its own starts anew on another of that list
   */
  open(graph: LayerGraph, onChange?: (backend: ActiveBackend) => void): Promise<Engine>;
}

/** A backend of the list that was not taken, or is no longer used. */
export interface SkippedBackend {
  readonly name: string;
  readonly reason: string;
}

/** Which backend runs, and which ones of the list were passed over or lost. */
export interface ActiveBackend {
  readonly name: string;
  /** In the order of events. A backend whose device was lost and that was rebuilt runs and is listed here too. */
  readonly skipped: readonly SkippedBackend[];
  /** See {@link Engine.beside}. */
  readonly beside?: string;
}

/**
 * Tries the backends of a list in order.
 *
 * @param start what to do with one; it throws where that backend cannot serve
 * @param skipped those passed over earlier, for the report
 * @throws BackendError when none serves, with every reason.
 */
export async function firstOf<B extends { readonly name: string }, T>(
  backends: readonly B[],
  start: (backend: B) => Promise<T>,
  skipped: readonly SkippedBackend[] = [],
): Promise<{ readonly backend: B; readonly started: T; readonly skipped: readonly SkippedBackend[] }> {
  const passed = [...skipped];
  for (const backend of backends) {
    try {
      return { backend, started: await start(backend), skipped: passed };
    } catch (error) {
      passed.push({ name: backend.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new BackendError({
    asked: `a backend out of ${[...skipped, ...backends].map(({ name }) => name).join(', ') || 'an empty list'}`,
    got: passed.map(({ name, reason }) => `${name}: ${reason}`).join('; ') || 'none to try',
    remedy: 'Install and list another backend, for example cpu() from clearmaps/cpu.',
  });
}
