import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { type Endpoint, expose, releaseProxy } from 'comlink';
import { type Answer, answerOf } from './answer.ts';
import { arraysMoved } from './arrays-moved.ts';
import type { Backend } from './backend.ts';
import { isBitmap } from './capture-picture.ts';
import { type Clearmaps, createClearmaps } from './create-clearmaps.ts';
import { toNetworkInput } from './explain-image.ts';
import { holdLifeLock } from './life-lock.ts';
import type { SentInput, Serving, WorkerHost } from './worker-protocol.ts';

/**
 * Makes this worker serve a page's `inWorker` of clearmaps/worker:
 *
 * ```ts
 * import { serveWorker } from 'clearmaps/serve-worker';
 * import { wasm } from 'clearmaps/wasm';
 * import { webgpu } from 'clearmaps/webgpu';
 *
 * serveWorker([webgpu(), wasm({ paths: '/wasm/' })]);
 * ```
 *
 * @param backends tried in order, here; a lost device is survived here too
 * @param endpoint where the page listens; the worker's own unless told
 */
export function serveWorker(
  backends: readonly Backend[],
  endpoint: Endpoint = globalThis as unknown as Endpoint,
): void {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  expose(hostOf(backends, end), endpoint);
  void holdLifeLock(ended).then((lock) =>
    endpoint.postMessage({ clearmaps: 'serving', lock } satisfies Serving),
  );
}

function hostOf(backends: readonly Backend[], end: () => void): WorkerHost {
  let cm: Clearmaps | undefined;
  const aborts = new Map<number, AbortController>();
  /** Answers a call that the page may end by its number. */
  const endable = async <T extends object>(
    call: number | undefined,
    run: (signal?: AbortSignal) => Promise<T>,
  ): Promise<Answer<T>> => {
    if (call === undefined) return answer(run);
    const abort = new AbortController();
    aborts.set(call, abort);
    const answered = await answer(() => run(abort.signal));
    aborts.delete(call);
    return answered;
  };
  return {
    open: (model, onChange) =>
      answer(async () => {
        cm = await createClearmaps({ model, backends, onBackendChange: onChange });
        return { backend: cm.backend, classCount: cm.classCount };
      }),
    async explain(call, input, options, onProgress, onClasses) {
      const told: Promise<void>[] = [];
      const result = await endable(call, async (signal) =>
        cm!.explain(await networkInput(input, cm!.model), {
          ...options,
          onProgress: onProgress && ((done, total) => void told.push(onProgress(done, total))),
          onClasses: onClasses && ((swept) => onClasses(arraysMoved(swept))),
          signal,
        }),
      );
      // The answer takes another way: without this it could come before the last progress.
      await Promise.all(told);
      for (const heard of [onProgress, onClasses] as ({ [releaseProxy]?: () => void } | undefined)[]) {
        // The page's callback lives as long as this end of it.
        heard?.[releaseProxy]?.();
      }
      return result;
    },
    predict: (input) => answer(async () => cm!.predict(await networkInput(input, cm!.model))),
    predictChanges: (call, image, windows, options) =>
      endable(call, (signal) => cm!.predictChanges(image, windows, { ...options, signal })),
    featureMap: (input) => answer(async () => cm!.featureMap(await networkInput(input, cm!.model))),
    abort: (call) => aborts.get(call)?.abort(),
    async dispose() {
      await cm?.dispose();
      end();
    },
  };
}

/** @param input a bitmap is the worker's own, and is closed */
async function networkInput(input: SentInput, model: LayerGraph): Promise<Float32Array> {
  if (input instanceof Float32Array) return input;
  try {
    return await toNetworkInput(input, model);
  } finally {
    if (isBitmap(input)) input.close();
  }
}

/** The arrays of a result move to the page, none is copied. */
async function answer<T extends object>(call: () => Promise<T>): Promise<Answer<T>> {
  const answered = await answerOf(call);
  return 'error' in answered ? answered : arraysMoved(answered, answered.value);
}
