import type {
  AsyncExplainOptions,
  ChangedWindows,
  ChangeOptions,
  Explanation,
  LayerGraph,
  Prediction,
  SweptClasses,
} from '@clearmaps/deconvnet/graph';
import type { Answer } from './answer.ts';
import type { ActiveBackend } from './backend.ts';
import type { CapturedPicture } from './capture-picture.ts';

/** The worker's first message: it listens from now on. */
export interface Serving {
  readonly clearmaps: 'serving';
  /** Name of the lock that it holds as long as it lives, see `holdLifeLock`. */
  readonly lock: string | undefined;
}

/** Of a model that has been opened in a thread. */
export interface Opened {
  /** Which of the thread's own list runs. */
  readonly backend: ActiveBackend;
  readonly classCount: number;
}

/** What another thread can be sent as it is. */
export type SentOptions = Omit<AsyncExplainOptions, 'signal' | 'onProgress' | 'onClasses'>;

export type SentChangeOptions = Omit<ChangeOptions, 'signal'>;

/** Network input, or a picture that the worker makes it of. */
export type SentInput = Float32Array | CapturedPicture;

/** What a worker offers to the page, through comlink. */
export interface WorkerHost {
  open(graph: LayerGraph, onChange: (backend: ActiveBackend) => void): Promise<Answer<Opened>>;
  /** @param call by which `abort` names it; undefined where it cannot be aborted */
  explain(
    call: number | undefined,
    input: SentInput,
    options: SentOptions,
    onProgress?: (done: number, total: number) => Promise<void>,
    onClasses?: (swept: SweptClasses) => Promise<void>,
  ): Promise<Answer<Explanation>>;
  predict(input: SentInput): Promise<Answer<Prediction>>;
  /** @param call as of `explain` */
  predictChanges(
    call: number | undefined,
    image: Float32Array,
    windows: ChangedWindows,
    options: SentChangeOptions,
  ): Promise<Answer<Prediction>>;
  featureMap(input: SentInput): Promise<Answer<Float32Array>>;
  abort(call: number): void;
  dispose(): Promise<void>;
}
