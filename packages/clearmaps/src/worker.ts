import type { AsyncExplainOptions, Explanation } from '@clearmaps/deconvnet/graph';
import { type Endpoint, proxy, type Remote, releaseProxy, wrap } from 'comlink';
import { type Answer, outcomeOf } from './answer.ts';
import type { ActiveBackend, Backend } from './backend.ts';
import type { Opened, WorkerHost } from './worker-protocol.ts';

/**
 * Runs in a Web Worker, so that the page never waits. The worker's own file names its backends, see
 * `serveWorker` of clearmaps/serve-worker.
 *
 * ```ts
 * inWorker(() => new Worker(new URL('./clear-worker.ts', import.meta.url), { type: 'module' }))
 * ```
 *
 * @param create makes the worker, or gives a port to one; called once for each model opened. A worker is
 *   terminated with its engine.
 */
export function inWorker(create: () => Worker | MessagePort): Backend {
  return {
    name: 'worker',
    async open(graph, onChange) {
      const worker = create();
      const host = wrap<WorkerHost>(worker as Endpoint);
      const lost = failureOf(worker);
      const end = (): void => {
        host[releaseProxy]();
        if ('terminate' in worker) worker.terminate();
        else worker.close();
      };
      try {
        const failed = lost.then((reason): never => {
          throw new Error(reason);
        });
        const opened = host.open(
          graph,
          proxy((changed: ActiveBackend) => onChange?.(changed)),
        );
        const answer = (await Promise.race([opened, failed])) as Answer<Opened>;
        const { backend, classCount } = outcomeOf(answer);
        return {
          graph,
          classCount,
          takesTensors: false,
          delegate: backend,
          lost,
          explain: (input, options) => explain(host, input as Float32Array, options),
          predict: async (input) => outcomeOf(await host.predict(input as Float32Array)),
          featureMap: async (input) => outcomeOf(await host.featureMap(input as Float32Array)),
          async dispose() {
            await host.dispose();
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
  input: Float32Array,
  { signal, onProgress, ...options }: AsyncExplainOptions = {},
): Promise<Explanation> {
  signal?.throwIfAborted();
  const call = signal ? ++calls : undefined;
  const abort = (): void => void host.abort(call!);
  signal?.addEventListener('abort', abort);
  try {
    const answer = await host.explain(call, input, options, onProgress && proxy(onProgress));
    signal?.throwIfAborted();
    return outcomeOf(answer);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Settles when the worker's script fails to load or throws outside of any call. */
function failureOf(worker: Worker | MessagePort): Promise<string> {
  return new Promise((resolve) => {
    worker.addEventListener('error', (event) => {
      const { message } = event as ErrorEvent;
      resolve(message ? `the worker failed: ${message}` : 'the script of the worker could not be loaded');
    });
    worker.addEventListener('messageerror', () =>
      resolve('a message to or from the worker could not be read'),
    );
  });
}
