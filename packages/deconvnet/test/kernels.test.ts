import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { GraphPlan } from '../src/graph.ts';
import {
  createExplainer,
  LAYER_TYPES,
  type LayerGraph,
  MissingKernelError,
  REDUCTIONS,
  RULES,
  type Rule,
  SEEDS,
} from '../src/index.ts';
import { ALWAYS, kernelsOf } from '../src/kernels.ts';
import { leaksNothing, withLeanBackend } from './backends.ts';
import { randomGraph } from './random-graphs.ts';
import { imagesFor, smallNet } from './small-nets.ts';

const graphs = Array.from({ length: 32 }, (_, seed) => randomGraph(seed).graph);

const namedBy = (graph: LayerGraph) => [...new GraphPlan(graph).layers.values()].flatMap(kernelsOf);

function explainInEveryWay(graph: LayerGraph): void {
  const explainer = createExplainer(graph);
  const images = imagesFor(graph, 2);
  for (const [i, rule] of (Object.keys(RULES) as Rule[]).entries()) {
    const seed = SEEDS[i % SEEDS.length]!;
    const reduction = REDUCTIONS[i % REDUCTIONS.length]!;
    explainer.explainTensors(images, { rule, seed, reduction, responses: true, memoryBudget: 1 }).dispose();
  }
  explainer.explainTensors(images, { classes: [explainer.classCount - 1] }).dispose();
  explainer.dispose();
}

beforeAll(() => tf.setBackend('cpu'));

describe('the kernels looked up beforehand', () => {
  leaksNothing();

  it('are enough: a backend without any other explains every net', async () => {
    for (const [i, graph] of graphs.entries()) {
      const named = new Set([...ALWAYS, ...namedBy(graph)]);
      const others = tf
        .getKernelsForBackend('cpu')
        .map(({ kernelName }) => kernelName)
        .filter((kernel) => !named.has(kernel));
      await withLeanBackend(`lean-${i}`, others, () => explainInEveryWay(graph));
    }
  });

  it('are all used, so that no backend is refused for nothing', async () => {
    const used = new Set<string>();
    for (const graph of graphs) {
      const { kernelNames } = await tf.profile(() => {
        explainInEveryWay(graph);
        return [];
      });
      for (const kernel of kernelNames) used.add(kernel);
    }
    const named = new Set([...ALWAYS, ...graphs.flatMap(namedBy)]);
    expect([...named].filter((kernel) => !used.has(kernel))).toEqual([]);
    expect(new Set(graphs.flatMap((g) => g.layers.map((l) => l.type)))).toEqual(new Set(LAYER_TYPES));
  });
});

describe('a backend that is too lean', () => {
  leaksNothing();

  const errorOn = async (backend: string, lacking: readonly string[]) => {
    let error: unknown;
    await withLeanBackend(backend, lacking, () => {
      try {
        createExplainer(smallNet()).dispose();
      } catch (caught) {
        error = caught;
      }
    });
    return error;
  };

  it('is refused with the names of the layer, the kernels and the backend', async () => {
    const error = await errorOn('lean', ['MaxPool', 'Reverse']);
    expect(error).toBeInstanceOf(MissingKernelError);
    expect(String(error)).toMatch(/layer "conv_1" \(conv2d\): got backend "lean" without Reverse/);
    expect(String(await errorOn('poor', ['MaxPool']))).toMatch(
      /layer "pool" \(maxPool2d\): got backend "poor" without MaxPool.*Choose another backend/,
    );
  });

  it('is refused for what every net needs, too', async () => {
    expect(String(await errorOn('lean', ['GatherV2', 'Select']))).toMatch(
      /explaining any net: got backend "lean" without GatherV2, Select/,
    );
  });

  it('is accepted where the net does without the kernel', async () => {
    expect(await errorOn('lean', ['AvgPool'])).toBeUndefined();
  });
});

describe('a kernel that fails half-way', () => {
  leaksNothing();

  it.each(['MaxPool', 'Mean', 'GatherV2', 'Select'])('leaves nothing behind: %s', async (kernelName) => {
    await withLeanBackend('failing', [kernelName], async () => {
      let fails = false;
      const working = tf.getKernel(kernelName, 'cpu');
      tf.registerKernel({
        ...working,
        backendName: 'failing',
        kernelFunc: (call) => {
          if (fails) throw new Error('out of memory');
          return working.kernelFunc(call);
        },
      });
      const explainer = createExplainer(smallNet());
      const image = imagesFor(smallNet());
      const options = { rule: 'guided', classes: [1, 0], memoryBudget: 1 } as const;
      explainer.explainTensors(image, options).dispose();
      const before = tf.memory().numTensors;
      fails = true;
      expect(() => explainer.explainTensors(image, options)).toThrow('out of memory');
      expect(tf.memory().numTensors).toBe(before);
      // Its maps are put together as values, without Select.
      if (kernelName !== 'Select') {
        await expect(explainer.explain(image, options)).rejects.toThrow('out of memory');
      }
      expect(tf.memory().numTensors).toBe(before);
      explainer.dispose();
    });
  });
});
