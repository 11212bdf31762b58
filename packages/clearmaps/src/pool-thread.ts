import { type MessagePort, workerData } from 'node:worker_threads';
import type {
  AsyncExplainOptions,
  ChangedWindows,
  Explanation,
  LayerGraph,
} from '@clearmaps/deconvnet/graph';
import { type Endpoint, wrap } from 'comlink';
import { type Answer, answerOf } from './answer.ts';
import { arraysMoved } from './arrays-moved.ts';
import type { Backend } from './backend.ts';
import { type Clearmaps, createClearmaps } from './create-clearmaps.ts';
import type { Opened, SentChangeOptions, SentOptions } from './worker-protocol.ts';

/** What a thread of a pool is started with. */
export interface PoolThreadData {
  readonly graph: LayerGraph;
  /** Address of a module whose default export gives the backends. */
  readonly module: string;
  readonly argument: string | undefined;
}

/** Where the caller's functions of an explanation listen, and which of them it gave. */
export interface Listener {
  readonly port: MessagePort;
  readonly hears: readonly (keyof Heard)[];
}

export type Heard = Required<Pick<AsyncExplainOptions, 'onProgress' | 'onClasses'>>;

/** One call of an engine. */
export type PoolTask = { readonly input: Float32Array } & (
  | { readonly call: 'open' | 'predict' | 'featureMap' }
  | {
      readonly call: 'explain';
      readonly options: SentOptions;
      readonly listener?: Listener;
    }
  | { readonly call: 'predictChanges'; readonly windows: ChangedWindows; readonly options: SentChangeOptions }
);

const { graph: model, module, argument } = workerData as PoolThreadData;

const opened = (async () => {
  const { default: backends } = (await import(module)) as {
    default: (argument?: string) => readonly Backend[];
  };
  return createClearmaps({ model, backends: backends(argument) });
})();
// The first task tells of it.
opened.catch(() => {});

/** Piscina calls this once a task. */
export default function run(task: PoolTask): Promise<Answer<unknown>> {
  return answerOf(async () => {
    const cm = await opened;
    switch (task.call) {
      case 'open':
        return { backend: cm.backend, classCount: cm.classCount } satisfies Opened;
      case 'explain':
        return explain(cm, task.input, task.options, task.listener);
      case 'predictChanges':
        return cm.predictChanges(task.input, task.windows, task.options);
      default:
        return cm[task.call](task.input);
    }
  });
}

async function explain(
  cm: Clearmaps,
  input: Float32Array,
  options: SentOptions,
  listener: Listener | undefined,
): Promise<Explanation> {
  if (listener === undefined) return cm.explain(input, options);
  const caller = wrap<Heard>(listener.port as unknown as Endpoint);
  const told: Promise<void>[] = [];
  const listeners: Heard = {
    onProgress: (done, total) => void told.push(caller.onProgress(done, total)),
    onClasses: (swept) => caller.onClasses(arraysMoved(swept)),
  };
  const heard = Object.fromEntries(listener.hears.map((name) => [name, listeners[name]]));
  const explanation = await cm.explain(input, { ...options, ...heard });
  // The answer takes another way: without this it could come before the last progress.
  await Promise.all(told);
  return explanation;
}
