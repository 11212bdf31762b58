import { describe, expect, it } from 'vitest';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { nearTieNet, nearTieResponses, nearTies } from './near-tie-nets.ts';
import { runModel } from './run-model.ts';

describe.each(nearTies)('a near-tie of $layer.type', ({ layer, pixels, passes }) => {
  const graph = nearTieNet(layer);
  const image = Float32Array.from(pixels.flat());
  const responses = nearTieResponses(passes);
  const plain = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);
  const options = { rule: 'gradient', seed: 'unit', responses: true } as const;

  it('is decided by float64, at once, in turns and in a file', async () => {
    const explainer = await createNativeExplainer(graph, { forward: 'float64' });
    for (const memoryBudget of [undefined, 1]) {
      const found = await explainer.explain(image, { ...options, memoryBudget });
      expect(plain(found.responses!)).toEqual(responses);
    }
    await explainer.dispose();
    const { bytes } = compileOnnx(graph, { ...options, forward: 'float64' });
    const file = await runModel(bytes, image, graph.inputShape);
    expect(plain(file.responses!.data as Float32Array)).toEqual(responses);
  });

  it('is decided by float64 where that is left to choose and memory allows', async () => {
    const explainer = await createNativeExplainer(graph, { forward: 'auto' });
    const found = await explainer.explain(image, options);
    expect(found.forward).toBe('float64');
    expect(plain(found.responses!)).toEqual(responses);
    for (const memoryBudget of [1, 100]) {
      const short = await explainer.explain(image, { ...options, memoryBudget });
      expect(short.forward).toBeUndefined();
      expect(plain(short.responses!)).not.toEqual(responses);
    }
    await explainer.dispose();
  });

  it('is one: float32 decides otherwise', async () => {
    const explainer = await createNativeExplainer(graph);
    const found = await explainer.explain(image, options);
    await explainer.dispose();
    expect(plain(found.responses!)).not.toEqual(responses);
  });
});
