import { chosenBackend, type TfjsBackend, tfjsBackend } from './tfjs-backend.ts';

export type { TfjsBackend } from './tfjs-backend.ts';

/**
 * The backend that the page has started with TensorFlow.js already, whichever it is: shares its device and memory
 * in place of starting another. Refuses where none has started.
 */
export function active(): TfjsBackend {
  const now = (): TfjsBackend => {
    const name = chosenBackend();
    if (name !== undefined) return tfjsBackend({ name });
    throw new Error('TensorFlow.js has no backend that has started; await tf.ready() first');
  };
  return {
    get name() {
      return chosenBackend() ?? 'active';
    },
    start: async () => now().start(),
    open: async (graph) => now().open(graph),
  };
}
