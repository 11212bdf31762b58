import { workerData } from 'node:worker_threads';
import type { AsyncExplainOptions, LayerGraph } from '@clearmaps/deconvnet/graph';
import type { Backend } from './backend.ts';
import { createClearmaps } from './create-clearmaps.ts';
import { packError } from './transferred-error.ts';
import type { Answer } from './worker-protocol.ts';

/** What a thread of a pool is started with. */
export interface PoolThreadData {
  readonly graph: LayerGraph;
  /** Address of a module whose default export gives the backends. */
  readonly module: string;
  readonly argument: string | undefined;
}

/** One call of an engine. */
export interface PoolTask {
  readonly call: 'describe' | 'explain' | 'predict' | 'featureMap';
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
export default async function run({ call, input, options }: PoolTask): Promise<Answer<unknown>> {
  try {
    const cm = await opened;
    if (call === 'describe') return { value: cm.backend };
    return { value: call === 'explain' ? await cm.explain(input, options) : await cm[call](input) };
  } catch (error) {
    return { error: packError(error) };
  }
}
