import type { AsyncExplainOptions, Explanation } from '@clearmaps/deconvnet/graph';
import { checkOptionNames } from '@clearmaps/errors';
import { type Endpoint, proxy, type Remote, transfer, wrap } from 'comlink';
import { type Answer, outcomeOf } from './answer.ts';
import type { ActiveBackend, Backend } from './backend.ts';
import { type CapturedPicture, isBitmap } from './capture-picture.ts';
import { endingOnThrow } from './ending-on-throw.ts';
import type { EngineInput } from './engine.ts';
import { BackendError } from './errors.ts';
import { lifeLockReleased } from './life-lock.ts';
import type { Opened, SentInput, Serving, WorkerHost } from './worker-protocol.ts';

export interface WorkerOptions {
  /**
   * Seconds in which the worker's script must have loaded and have called `serveWorker`; one that has not is passed
   * over, with a reason that says so. Default 60.
   */
  readonly patience?: number;
}

/**
 * Runs in a Web Worker, so that the page never waits. The worker's own file names its backends, see
 * `serveWorker` of clearmaps/serve-worker.
 *
 * ```ts
 * inWorker(() => new Worker(new URL('./clear-worker.ts', import.meta.url), { type: 'module' }))
 * ```
 *
 * @param create makes the worker, or gives a port to one; called once for each model opened, and once more after a
 *   worker has failed or ended. A worker is terminated with its engine.
 */
export function inWorker(create: () => Worker | MessagePort, options: WorkerOptions = {}): Backend {
  checkOptionNames('inWorker', options, { patience: true }, BackendError);
  const { patience = 60 } = options;
  return {
    name: 'worker',
    async open(graph, onChange) {
      const worker = create();
      const { lost, lose, untilLost } = watch(worker);
      const end = (): void => {
        lose('it was ended');
        if ('terminate' in worker) worker.terminate();
        else worker.close();
      };
      try {
        const { lock } = await untilLost(serving(worker, patience));
        if (lock !== undefined) void lifeLockReleased(lock).then(() => lose('it was terminated or crashed'));
        const host = wrap<WorkerHost>(worker as Endpoint);
        const changed = proxy((backend: ActiveBackend) => onChange?.(backend));
        const opened = host.open(graph, changed) as Promise<Answer<Opened>>;
        const { backend, classCount } = outcomeOf(await untilLost(opened));
        return {
          graph,
          classCount,
          takesTensors: false,
          delegate: backend,
          lost,
          takesPictures: true,
          explain: (input, options) => explain(host, input, options),
          predict: async (input) => outcomeOf(await host.predict(await movable(input))),
          predictChanges: (image, windows, { signal, ...options } = {}) =>
            endable(host, signal ? ++calls : undefined, signal, (call) =>
              host.predictChanges(call, image, windows, options),
            ),
          featureMap: async (input) => outcomeOf(await host.featureMap(await movable(input))),
          async dispose() {
            // A worker takes all that it holds along; behind a port it lives on.
            if (!('terminate' in worker)) await Promise.race([host.dispose(), lost]);
            end();
          },
        };
      } catch (error) {
        end();
        throw error;
      }
    },
  };
}

let calls = 0;

async function explain(
  host: Remote<WorkerHost>,
  input: EngineInput,
  { signal, onProgress, onClasses, ...options }: AsyncExplainOptions = {},
): Promise<Explanation> {
  const named = signal || onProgress || onClasses ? ++calls : undefined;
  return endable(host, named, signal, async (call, stop) => {
    const sent = await movable(input);
    // What has not been sent cannot be aborted there.
    stop.signal.throwIfAborted();
    return host.explain(
      call,
      sent,
      options,
      onProgress && proxy(endingOnThrow(stop, onProgress)),
      onClasses && proxy(endingOnThrow(stop, onClasses)),
    );
  });
}

/**
 * The outcome of a call that ends in the worker, too, once it is aborted.
 *
 * @param call its number there; undefined where nothing will abort it
 * @param send sends it; what else may end it aborts `stop`
 */
async function endable<T>(
  host: Remote<WorkerHost>,
  call: number | undefined,
  signal: AbortSignal | undefined,
  send: (call: number | undefined, stop: AbortController) => Promise<Answer<T>>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const follow = (): void => stop.abort(signal!.reason);
  signal?.addEventListener('abort', follow);
  stop.signal.addEventListener('abort', () => void host.abort(call!));
  try {
    const answer = await send(call, stop);
    stop.signal.throwIfAborted();
    return outcomeOf(answer);
  } finally {
    signal?.removeEventListener('abort', follow);
  }
}

/** A copy moves: the array stays the caller's, and a part of a larger one does not take all of it along. */
async function movable(input: EngineInput): Promise<SentInput> {
  if (isBitmap(input)) {
    // The same pixels under a second name; the first is kept for another try.
    const second = await createImageBitmap(input);
    return transfer(second, [second]);
  }
  if (input instanceof Float32Array) {
    const copy = input.slice();
    return transfer(copy, [copy.buffer]);
  }
  const picture = input as Exclude<CapturedPicture, ImageBitmap>;
  if (!('data' in picture)) return picture;
  const data = picture.data.slice();
  return transfer({ ...picture, data }, [data.buffer]);
}

/** Resolves with the worker's first message. @throws BackendError where none comes in time */
function serving(worker: Worker | MessagePort, patience: number): Promise<Serving> {
  return new Promise((resolve, reject) => {
    const listen = (event: Event): void => {
      const { data } = event as MessageEvent<Serving | undefined>;
      if (data?.clearmaps !== 'serving') return;
      worker.removeEventListener('message', listen);
      clearTimeout(timer);
      resolve(data);
    };
    const timer = setTimeout(() => {
      worker.removeEventListener('message', listen);
      reject(
        new BackendError({
          asked: 'a model in a worker',
          got: `a worker that did not serve within ${patience} s`,
          allowed: 'one whose script calls serveWorker of clearmaps/serve-worker',
          remedy: 'Look whether it does, or give it longer: inWorker(create, { patience: seconds }).',
        }),
      );
    }, 1000 * patience);
    worker.addEventListener('message', listen);
    if ('start' in worker) worker.start();
  });
}

/** What is known of a worker's end: `lost` resolves with the reason, and `untilLost` then rejects with it. */
function watch(worker: Worker | MessagePort) {
  let lose!: (reason: string) => void;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  worker.addEventListener('error', (event) => {
    const { message } = event as ErrorEvent;
    lose(message ? `it failed: ${message}` : 'its script could not be loaded');
  });
  worker.addEventListener('messageerror', () => lose('a message to or from it could not be read'));
  const failed = lost.then((reason): never => {
    throw new Error(`the worker has ended: ${reason}`);
  });
  failed.catch(() => {});
  const untilLost = <T>(result: Promise<T>): Promise<T> => Promise.race([result, failed]);
  return { lost, lose, untilLost };
}
