import { type MessagePort, workerData } from 'node:worker_threads';
import type {
  AsyncExplainOptions,
  ChangedWindows,
  ChangeOptions,
  LayerGraph,
} from '@clearmaps/deconvnet/graph';
import { type Endpoint, wrap } from 'comlink';
import { type Answer, answerOf } from './answer.ts';
import { arraysMoved } from './arrays-moved.ts';
import type { Backend } from './backend.ts';
import { createClearmaps } from './create-clearmaps.ts';
import type { Opened, SentOptions } from './worker-protocol.ts';

/** What a thread of a pool is started with. */
export interface PoolThreadData {
  readonly graph: LayerGraph;
  /** Address of a module whose default export gives the backends. */
  readonly module: string;
  readonly argument: string | undefined;
}

/** One call of an engine. */
export type PoolTask = { readonly input: Float32Array } & (
  | { readonly call: 'open' | 'predict' | 'featureMap' }
  | {
      readonly call: 'explain';
      readonly options: SentOptions;
      /** Where the caller's function of that name listens. */
      readonly onClasses?: MessagePort;
    }
  | { readonly call: 'predictChanges'; readonly windows: ChangedWindows; readonly options?: ChangeOptions }
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
      case 'explain': {
        const port = task.onClasses as unknown as Endpoint | undefined;
        const tell = port && wrap<NonNullable<AsyncExplainOptions['onClasses']>>(port);
        return cm.explain(task.input, {
          ...task.options,
          onClasses: tell && ((swept) => tell(arraysMoved(swept))),
        });
      }
      case 'predictChanges':
        return cm.predictChanges(task.input, task.windows, task.options);
      default:
        return cm[task.call](task.input);
    }
  });
}
