import { workerData } from 'node:worker_threads';
import type { AsyncExplainOptions, LayerGraph } from '@clearmaps/deconvnet/graph';
import { type Answer, answerOf } from './answer.ts';
import type { Backend } from './backend.ts';
import { createClearmaps } from './create-clearmaps.ts';
import type { Opened } from './worker-protocol.ts';

/** What a thread of a pool is started with. */
export interface PoolThreadData {
  readonly graph: LayerGraph;
  /** Address of a module whose default export gives the backends. */
  readonly module: string;
  readonly argument: string | undefined;
}

/** One call of an engine. */
export interface PoolTask {
  readonly call: 'open' | 'explain' | 'predict' | 'featureMap';
  readonly input: Float32Array;
  readonly options?: Omit<AsyncExplainOptions, 'signal' | 'onProgress'>;
}

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
export default function run({ call, input, options }: PoolTask): Promise<Answer<unknown>> {
  return answerOf(async () => {
    const cm = await opened;
    if (call === 'open') return { backend: cm.backend, classCount: cm.classCount } satisfies Opened;
    return call === 'explain' ? cm.explain(input, options) : cm[call](input);
  });
}
