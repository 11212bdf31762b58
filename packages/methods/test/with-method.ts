import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import {
  createMethod,
  type Engine,
  type MethodExplainer,
  type MethodName,
  type MethodRequest,
  type OpenEngine,
} from '../src/index.ts';

/** Runs a case with a method on a net, and disposes of all of it. */
export async function withMethod<T>(
  {
    graph,
    open,
    ...request
  }: Omit<MethodRequest, 'engine' | 'open' | 'method'> & {
    readonly method: MethodName;
    readonly graph: LayerGraph;
    readonly open: OpenEngine;
  },
  run: (method: MethodExplainer, engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await open(graph);
  try {
    const method = await createMethod({ graph, engine, open, ...request });
    try {
      return await run(method, engine);
    } finally {
      await method.dispose();
    }
  } finally {
    await engine.dispose();
  }
}
