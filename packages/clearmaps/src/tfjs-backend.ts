import { createExplainer, type LayerGraph, type NetworkInput } from '@clearmaps/deconvnet';
import { engine, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import type { Backend } from './backend.ts';
import type { Engine } from './engine.ts';

/** A backend of TensorFlow.js. */
export interface TfjsBackend extends Backend {
  /**
   * Makes it the active one of TensorFlow.js, for code that runs ops itself: `createExplainer` of
   * @clearmaps/deconvnet, training. Throws with the reason it cannot.
   */
  start(): Promise<void>;
}

export interface TfjsBackendSettings {
  /** The name under which TensorFlow.js knows it. */
  readonly name: string;
  /** What must be in place before the backend starts; throws with the reason it cannot. */
  prepare?(): void | Promise<void>;
  /** What to do where it does not start although all seems in place. */
  readonly hint?: string;
  /** Of the device that started last, see {@link Engine.lost}. */
  lost?(): Promise<string> | undefined;
}

/**
 * TensorFlow.js has one active backend a page. `open` leaves a page that has chosen one before with its choice; the
 * ops of an explainer run where its weights are all the same.
 */
export function tfjsBackend({ name, prepare, hint, lost }: TfjsBackendSettings): TfjsBackend {
  const start = async (): Promise<void> => {
    await prepare?.();
    // setBackend gives false, and logs, where a factory fails; findBackendFactory tells an absent one apart.
    if (engine().findBackendFactory(name) === null) {
      throw new Error('it is not registered with this copy of @tensorflow/tfjs-core');
    }
    if (!(await setBackend(name))) {
      throw new Error(['it could not be initialised', hint].filter(Boolean).join('; '));
    }
    await ready();
  };
  return {
    name,
    start,
    async open(graph: LayerGraph): Promise<Engine> {
      const chosen = chosenBackend();
      try {
        await start();
        const explainer = createExplainer(graph);
        return {
          graph: explainer.graph,
          classCount: explainer.classCount,
          takesTensors: true,
          explain: (input, options) => explainer.explain(input as NetworkInput, options),
          predict: (input) => explainer.predict(input as NetworkInput),
          predictChanges: (image, windows, options) => explainer.predictChanges(image, windows, options),
          featureMap: (input) => explainer.featureMap(input as NetworkInput),
          lost: lost?.(),
          ...(chosen !== undefined && chosen !== name && { beside: chosen }),
          dispose: () => explainer.dispose(),
        };
      } finally {
        if (chosen !== undefined && getBackend() !== chosen) await setBackend(chosen);
      }
    },
  };
}

/** The backend that the page is using already; undefined where none has started. */
export function chosenBackend(): string | undefined {
  const name = getBackend();
  return name !== undefined && Object.hasOwn(engine().registry, name) ? name : undefined;
}
