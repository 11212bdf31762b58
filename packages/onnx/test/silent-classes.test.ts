import { GraphPlan, type LayerGraph, type Seed } from '@clearmaps/deconvnet/graph';
import { expect, it } from 'vitest';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { NativeExplainer } from '../src/native-explainer.ts';
import { loadRuntime } from '../src/runtime.ts';

/** The small net, its scores of classes 1 and 2 pushed far below zero, those of class 3 exactly zero. */
function quietNet(): LayerGraph {
  const net = smallNet();
  const layers = net.layers.map((layer) => {
    if (layer.name !== 'scores' || layer.type !== 'conv2d') return layer;
    const kernel = layer.kernel.values.map((value, i) => (i % 4 === 3 ? 0 : value));
    return {
      ...layer,
      kernel: { ...layer.kernel, values: kernel },
      bias: { shape: [4], values: Float32Array.from([1, -1000, -1000, 0]) },
    };
  });
  return { ...net, layers };
}

const sweepsOf = async (options: { seed: Seed; memoryBudget?: number }) => {
  const plan = new GraphPlan(quietNet());
  const runtime = await loadRuntime(1);
  let sweeps = 0;
  const explainer = new NativeExplainer(plan, {
    async open(model) {
      const session = await runtime.open(model);
      return {
        run: (inputs) => {
          if ('classes' in inputs) sweeps++;
          return session.run(inputs);
        },
        release: () => session.release(),
      };
    },
  });
  const progress: number[] = [];
  const explanation = await explainer.explain(imagesFor(plan.graph, 2), {
    ...options,
    rule: 'linear',
    responses: true,
    onProgress: (done) => progress.push(done),
  });
  await explainer.dispose();
  return { sweeps, explanation, progress };
};

it.each([
  ['positive', 1],
  ['activation', 3],
  ['unit', 4],
] as const)('classes without any evidence need no sweep: seed %s, %i sweeps of 4', async (seed, expected) => {
  const inTurns = await sweepsOf({ seed, memoryBudget: 1 });
  const atOnce = await sweepsOf({ seed });
  expect(inTurns.sweeps).toBe(expected);
  // Those that need none are done at once.
  expect(inTurns.progress).toEqual(expected === 1 ? [3, 4] : [1, 2, 3, 4]);
  expect(atOnce.sweeps).toBe(1);
  const { maps, responses, dominantClass } = atOnce.explanation;
  expect(maps.some((value) => value !== 0)).toBe(true);
  const plain = (values: Float32Array) => Array.from(values, (value) => value + 0);
  expect(plain(inTurns.explanation.maps)).toEqual(plain(maps));
  expect(plain(inTurns.explanation.responses!)).toEqual(plain(responses!));
  expect(inTurns.explanation.dominantClass).toEqual(dominantClass);
});
