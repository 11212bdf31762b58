import type { NetworkInput } from '@clearmaps/deconvnet';
import {
  type AsyncExplainOptions,
  type ChangedWindows,
  type ChangeOptions,
  checkExplainNames,
  type Explanation,
  findFeatureMap,
  GraphError,
  type LayerGraph,
  type Prediction,
  validateGraph,
} from '@clearmaps/deconvnet/graph';
import { checkOptionNames } from '@clearmaps/errors';
import type { ActiveBackend, Backend } from './backend.ts';
import { type CapturedPicture, isBitmap } from './capture-picture.ts';
import type { Engine, EngineInput } from './engine.ts';
import { BackendError } from './errors.ts';
import {
  captureImage,
  type ExplainImage,
  isNetworkInput,
  toNetworkInput,
  valuesOf,
} from './explain-image.ts';
import { RecoveringEngine } from './recovering-engine.ts';

export interface ClearmapsOptions {
  /** The net to explain. */
  readonly model: LayerGraph;
  /** Tried in order, at the start and again when the device of the one that runs is lost. */
  readonly backends: readonly Backend[];
  /** Told when a lost device made the work start anew: on the same backend, or on the next of the list. */
  readonly onBackendChange?: (backend: ActiveBackend) => void;
}

/** A model on a backend, ready to explain. */
export interface Clearmaps {
  readonly model: LayerGraph;
  /** Number of classes N. */
  readonly classCount: number;
  /** The one that runs now. */
  readonly backend: ActiveBackend;
  /**
   * R(x|c) of all asked classes and the dominant maps. See `Explainer.explain` of @clearmaps/deconvnet for results,
   * options and errors, and {@link ExplainImage} for what it takes. Where a device is lost on the way, the call
   * starts once more on what comes next, and `onProgress` and `onClasses` with it.
   */
  explain(image: ExplainImage, options?: AsyncExplainOptions): Promise<Explanation>;
  /** Class scores, [B, N]. */
  predict(image: ExplainImage): Promise<Prediction>;
  /**
   * Class scores of variants of one image, network input [H, W, C], each of which differs from it in one window:
   * [n, N]. What no window can reach is not computed again; see `Explainer.predictChanges` of @clearmaps/deconvnet.
   */
  predictChanges(image: Float32Array, windows: ChangedWindows, options?: ChangeOptions): Promise<Prediction>;
  /** Calls that the backend works on side by side: twice the threads of a pool, or the workers of a page; else 1. */
  readonly callsAtOnce: number;
  /** z_L, the feature map of the last layer, [B, h, w, N]. */
  featureMap(image: ExplainImage): Promise<Float32Array>;
  /** Frees everything; calls under way may fail, later ones do. */
  dispose(): Promise<void>;
}

/**
 * Starts a backend and puts a model on it.
 *
 * @throws ClearmapsError for an option that there is not; GraphError, UnsupportedLayerError for a model that no backend could run; BackendError when no backend of
 *   the list can serve, with every reason.
 */
export async function createClearmaps(options: ClearmapsOptions): Promise<Clearmaps> {
  const { model, backends, onBackendChange } = checked(options);
  const featureMap = findFeatureMap(model, validateGraph(model));
  const engine = await RecoveringEngine.open(model, backends, onBackendChange);
  const onEngine = async <T>(
    image: ExplainImage,
    call: (running: Engine, input: EngineInput) => Promise<T>,
  ): Promise<T> => {
    const captured = await captureImage(image, model);
    try {
      return await engine.run(async (running) => call(running, await inputOn(running, captured)));
    } finally {
      if (isBitmap(captured)) captured.close();
    }
  };
  const inputOn = async (running: Engine, captured: NetworkInput | CapturedPicture): Promise<EngineInput> => {
    if (isNetworkInput(captured)) return running.takesTensors ? captured : valuesOf(captured);
    return running.takesPictures ? captured : toNetworkInput(captured, model);
  };
  return {
    model,
    classCount: featureMap.shape[2],
    get backend() {
      return engine.backend;
    },
    async explain(image, options = {}) {
      checkExplainNames(options);
      return onEngine(image, (running, input) => running.explain(input, options));
    },
    predict: (image) => onEngine(image, (running, input) => running.predict(input)),
    predictChanges: (image, windows, options) =>
      engine.run((running) => running.predictChanges(image, windows, options)),
    get callsAtOnce() {
      return engine.callsAtOnce;
    },
    featureMap: (image) => onEngine(image, (running, input) => running.featureMap(input)),
    dispose: () => engine.dispose(),
  };
}

/** What plain JavaScript lets through, with what to write instead. */
function checked(options: ClearmapsOptions): ClearmapsOptions {
  const names = { model: true, backends: true, onBackendChange: true } as const;
  checkOptionNames<ClearmapsOptions>('createClearmaps', options ?? {}, names);
  const { model, backends } = options ?? {};
  const isPromise = (model as unknown) instanceof Promise;
  if (typeof model !== 'object' || model === null || isPromise) {
    throw new GraphError({
      asked: 'createClearmaps: model',
      got: isPromise ? 'a Promise' : typeof model === 'string' ? JSON.stringify(model) : String(model),
      allowed: 'a LayerGraph',
      remedy: "Read one first: { model: await readBundledModel('mnist') } of @clearmaps/models/node.",
    });
  }
  if (!Array.isArray(backends) || backends.some((backend) => typeof backend?.open !== 'function')) {
    throw new BackendError({
      asked: 'createClearmaps: backends',
      got: Array.isArray(backends) ? backends.map(nameOf).join(', ') : String(backends),
      allowed: 'a list of backends, first choice first',
      remedy: 'Call each: { backends: [wasm(), cpu()] } of clearmaps/wasm and clearmaps/cpu.',
    });
  }
  return options;
}

function nameOf(backend: unknown): string {
  if (typeof backend === 'function') return `the function ${backend.name}`;
  return (backend as Backend | undefined)?.name ?? String(backend);
}
