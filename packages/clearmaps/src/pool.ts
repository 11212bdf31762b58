import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { Explanation, LayerGraph, Prediction } from '@clearmaps/deconvnet/graph';
import { checkOptionNames } from '@clearmaps/errors';
import { type Endpoint, expose } from 'comlink';
import { Piscina } from 'piscina';
import { type Answer, outcomeOf } from './answer.ts';
import type { Backend } from './backend.ts';
import { endingOnThrow } from './ending-on-throw.ts';
import { BackendError } from './errors.ts';
import type { Heard, Listener, PoolTask, PoolThreadData } from './pool-thread.ts';
import type { Opened } from './worker-protocol.ts';

export interface PoolOptions {
  /**
   * A module whose default export gives the backends that each thread tries, in order:
   * `export default () => [wasm()]`.
   */
  readonly module: URL;
  /** What that function is called with. */
  readonly argument?: string;
  /** Threads, each with the model on a backend of its own; default one a processor. */
  readonly threads?: number;
}

/** Beside this file, both in src, as .ts, and in dist. */
const THREAD = new URL(`./pool-thread${extname(import.meta.url)}`, import.meta.url).href;

/**
 * Spreads calls over worker threads, in Node: as many images at a time as there are threads. A single image is not
 * explained faster. `wasm` has no threads of its own in Node; `native` has, and needs no pool. Calls wait for a
 * free thread; an aborted one ends its thread, and another takes its place.
 */
export function pool(options: PoolOptions): Backend {
  checkOptionNames('pool', options, { module: true, argument: true, threads: true }, BackendError);
  const { module, argument, threads = availableParallelism() } = options;
  return {
    name: 'pool',
    async open(graph: LayerGraph) {
      const workerData: PoolThreadData = { graph, module: module.href, argument };
      const piscina = new Piscina({
        filename: THREAD,
        minThreads: threads,
        maxThreads: threads,
        idleTimeout: Number.POSITIVE_INFINITY,
        workerData,
      });
      const run = async <T>(task: PoolTask, signal?: AbortSignal): Promise<T> => {
        signal?.throwIfAborted();
        try {
          const transferList = 'listener' in task && task.listener ? [task.listener.port] : undefined;
          return outcomeOf((await piscina.run(task, { signal, transferList })) as Answer<T>);
        } catch (error) {
          signal?.throwIfAborted();
          throw error;
        }
      };
      try {
        const { backend: delegate, classCount } = await run<Opened>({
          call: 'open',
          input: new Float32Array(),
        });
        return {
          graph,
          classCount,
          takesTensors: false,
          delegate,
          async explain(input, { signal, onProgress, onClasses, ...options } = {}) {
            const task = { call: 'explain', input: input as Float32Array, options } as const;
            if (!onProgress && !onClasses) return run<Explanation>(task, signal);
            return listening({ onProgress, onClasses }, signal, (listener, stop) =>
              run<Explanation>({ ...task, listener }, stop),
            );
          },
          predictChanges: (image, windows, { signal, ...options } = {}) =>
            run<Prediction>({ call: 'predictChanges', input: image, windows, options }, signal),
          // A thread that has done has its next one waiting.
          callsAtOnce: 2 * threads,
          predict: (input) => run<Prediction>({ call: 'predict', input: input as Float32Array }),
          featureMap: (input) => run<Float32Array>({ call: 'featureMap', input: input as Float32Array }),
          dispose: () => piscina.destroy(),
        };
      } catch (error) {
        await piscina.destroy();
        throw error;
      }
    },
  };
}

/** Runs a call that tells how far it is through a port; what the caller's functions throw ends it. */
async function listening<T>(
  caller: Partial<Heard>,
  signal: AbortSignal | undefined,
  run: (listener: Listener, stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const { port1, port2 } = new MessageChannel();
  const failed = new AbortController();
  const { onProgress, onClasses } = caller;
  const heard = {
    ...(onProgress && { onProgress: endingOnThrow(failed, onProgress) }),
    ...(onClasses && { onClasses: endingOnThrow(failed, onClasses) }),
  };
  expose(heard, port1 as unknown as Endpoint);
  try {
    const hears = Object.keys(heard) as (keyof Heard)[];
    return await run({ port: port2, hears }, AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]));
  } finally {
    port1.close();
  }
}
