import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createExplainer,
  definitionOf,
  type Layer,
  type LayerGraph,
  RULES,
  type Rule,
  SEEDS,
} from '../src/index.ts';
import { BACKENDS, fewerOnWebGpu, leaksNothing, onEachBackend } from './backends.ts';
import { Random } from './random.ts';
import { randomGraph } from './random-graphs.ts';
import { imagesFor, smallNet, smallNetOfPixels } from './small-nets.ts';
import { takeValues } from './take-values.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MIB = 2 ** 20;
const rules = Object.keys(RULES) as Rule[];
/** Of every kind one: SwiftShader is slow. */
const fewRules: readonly Rule[] = ['linear', 'guided', 'gradient-x-input', 'lrp-gamma', 'deep-taylor'];
const graph = smallNetOfPixels({ classes: 5 });

/** The wasm module's own memory grows by pages and never shrinks, and tf.memory() does not count operators in it. */
const wasmHeap = (): number => {
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return wasm.HEAPU8.byteLength;
};

/** conv, ReLU, a pool whose windows meet, conv with a kernel a class: 33x31x3. */
function overlappingPools(classes: number): LayerGraph {
  const net = smallNet({ classes });
  return {
    ...net,
    inputShape: [33, 31, 3],
    layers: net.layers.map((layer) =>
      layer.name === 'pool' ? { ...layer, poolSize: [3, 3] } : layer,
    ) as Layer[],
  };
}

describe('on wasm', () => {
  beforeAll(() => tf.setBackend('wasm'));
  leaksNothing();

  it('a thousand explanations leave tensors, bytes and heaps where they were', async () => {
    const explainer = createExplainer(graph);
    const random = new Random(1);
    const explain = async (): Promise<void> => {
      const image = imagesFor(graph, random.int(1, 2), random.int(1, 1e6));
      const options = {
        rule: random.pick(rules),
        seed: random.pick(SEEDS),
        responses: random.chance(0.5),
        memoryBudget: random.chance(0.3) ? 1 : undefined,
        classes: random.chance(0.3) ? [random.int(0, 4)] : undefined,
      };
      if (random.chance(0.5)) await explainer.explain(image, options);
      else explainer.explainTensors(image, options).dispose();
    };
    const measure = async () => {
      // Twice, with a turn between: V8 frees array buffers beside the collection, and finalizers run after it.
      for (let i = 0; i < 2; i++) {
        collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { numTensors, numBytes, numDataBuffers } = tf.memory();
      const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
      return {
        counted: { numTensors, numBytes, numDataBuffers },
        heapUsed,
        arrayBuffers,
        rss,
        wasm: wasmHeap(),
      };
    };
    for (let i = 0; i < 200; i++) await explain();
    const before = await measure();
    for (let i = 0; i < 1000; i++) await explain();
    const after = await measure();

    expect(after.counted).toEqual(before.counted);
    expect(after.wasm).toBe(before.wasm);
    // Results hold some 10 kB each: a thousand that stay would be 10 MB of array buffers.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 * MIB);
    // What V8 compiles and caches meanwhile takes 1 to 2 MiB; 4 kB that stay each time would be 4.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(4 * MIB);
    // RSS also holds pages that the allocators keep for later (10 MiB were seen): a wide bound, against leaks
    // outside of V8 and of the wasm module, of which nothing else tells.
    expect(after.rss - before.rss).toBeLessThan(48 * MIB);
    explainer.dispose();
  });

  it('fifty explainers, made, used and disposed of, leave nothing', async () => {
    const cycle = async (): Promise<void> => {
      const explainer = createExplainer(graph);
      for (const rule of rules) await explainer.explain(imagesFor(graph), { rule });
      explainer.dispose();
    };
    for (let i = 0; i < 10; i++) await cycle();
    const before = { ...tf.memory(), heap: wasmHeap() };
    for (let i = 0; i < 50; i++) await cycle();
    expect({ ...tf.memory(), heap: wasmHeap() }).toEqual(before);
  });

  it.each(rules.filter((rule) => !definitionOf(rule).composite))(
    'explaining a hundred or a thousand classes stays under its budget: %s',
    async (rule) => {
      const memoryBudget = 3 * MIB;
      const peakOf = async (classes: number): Promise<number> => {
        const explainer = createExplainer(overlappingPools(classes));
        const seed = 'unit';
        const { peakBytes } = await tf.profile(async () => {
          await explainer.explain(imagesFor(explainer.graph), { rule, seed, maps: false, memoryBudget });
          return [];
        });
        explainer.dispose();
        return peakBytes;
      };
      const [few, many] = [await peakOf(100), await peakOf(1000)];
      // An eighth of it and more is used: the bound is not kept by sweeps of one class.
      expect(few).toBeGreaterThan(memoryBudget / 8);
      for (const peak of [few, many]) expect(peak).toBeLessThan(memoryBudget);
    },
  );

  // Relevance also keeps what the outputs of every layer add up to: of the last one, a map a class, here 1 MiB.
  it.each(rules.filter((rule) => definitionOf(rule).composite))(
    'relevance of classes of a thousand stays under its budget: %s',
    async (rule) => {
      const memoryBudget = 8 * MIB;
      const explainer = createExplainer({
        ...overlappingPools(1000),
        preprocessing: {
          channels: 'rgb',
          scale: 1 / 255,
          mean: [0, 0, 0],
          std: [1, 1, 1],
          resize: 'stretch',
        },
      });
      // Of all thousand classes, one a sweep, TensorFlow.js could not list the kernels.
      const options = { rule, classes: Array.from({ length: 20 }, (_, c) => c), maps: false, memoryBudget };
      const { peakBytes } = await tf.profile(async () => {
        await explainer.explain(imagesFor(explainer.graph), options);
        return [];
      });
      explainer.dispose();
      expect(peakBytes).toBeGreaterThan(memoryBudget / 2);
      expect(peakBytes).toBeLessThan(memoryBudget);
    },
  );

  it('tf.memory() counts all tensors of this backend, so that the numbers above mean something', () => {
    expect(tf.memory().unreliable).toBeFalsy();
    const { numBytes } = tf.memory();
    const tensor = tf.zeros([256]);
    expect(tf.memory().numBytes - numBytes).toBe(1024);
    tensor.dispose();
  });
});

describe.skipIf(!BACKENDS.includes('webgpu'))('on webgpu', () => {
  beforeAll(() => tf.setBackend('webgpu'));
  leaksNothing();

  it('explanations of every kind leave tensors and GPU buffers where they were', async () => {
    const explainer = createExplainer(graph);
    const explainInEveryWay = async (): Promise<void> => {
      for (const [i, rule] of fewRules.entries()) {
        const seed = SEEDS[i % SEEDS.length]!;
        const options = {
          rule,
          seed,
          responses: seed === 'unit',
          memoryBudget: seed === 'positive' ? 1 : undefined,
        };
        await explainer.explain(imagesFor(graph), options);
      }
      explainer.explainTensors(imagesFor(graph)).dispose();
      // What is disposed of goes back to the pool of buffers with the next submission to the GPU.
      await explainer.predict(imagesFor(graph));
    };
    const measure = () => {
      const { bufferManager } = tf.backend() as unknown as {
        bufferManager: { numUsedBuffers: number; numFreeBuffers: number };
      };
      const { numUsedBuffers, numFreeBuffers } = bufferManager;
      return { ...tf.memory(), numUsedBuffers, numFreeBuffers };
    };
    // Twice: the first time also makes what is kept, from buffers that are free for the second.
    for (let i = 0; i < 2; i++) await explainInEveryWay();
    const before = measure();
    for (let i = 0; i < 2; i++) await explainInEveryWay();
    expect(measure()).toEqual(before);
    explainer.dispose();
    await takeValues(tf.tidy(() => tf.relu(tf.zeros([2000]))));
    expect(measure()).toMatchObject({ numUsedBuffers: 0, numBytesInGPU: 0 });
  });
});

onEachBackend((backend) => {
  const image = imagesFor(graph);

  it('creates only what dispose() frees, for every kind of net', () => {
    const seeds = Array.from({ length: 26 }, (_, seed) => seed);
    for (const seed of fewerOnWebGpu(backend, seeds, 6)) {
      const { graph: net } = randomGraph(seed);
      const before = tf.memory();
      const explainer = createExplainer(net);
      const some = backend === 'webgpu' ? fewRules : rules;
      for (const rule of some) explainer.explainTensors(imagesFor(net), { rule }).dispose();
      const used = tf.memory().numTensors;
      for (const rule of some) explainer.explainTensors(imagesFor(net), { rule }).dispose();
      expect(tf.memory().numTensors, `${net.name}, the second time`).toBe(used);
      explainer.dispose();
      const { numTensors, numBytes } = tf.memory();
      expect([numTensors, numBytes], net.name).toEqual([before.numTensors, before.numBytes]);
    }
  });

  it('returns as many tensors as it says', () => {
    const explainer = createExplainer(graph);
    explainer.explainTensors(image).dispose();
    const before = tf.memory().numTensors;
    const plain = explainer.explainTensors(image);
    expect(tf.memory().numTensors - before).toBe(5);
    plain.dispose();
    plain.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const full = explainer.explainTensors(image, { responses: true });
    expect(tf.memory().numTensors - before).toBe(6);
    full.dispose();
    const prediction = explainer.predictTensors(image);
    expect(tf.memory().numTensors - before).toBe(2);
    tf.dispose(prediction);
    const map = explainer.featureMapTensor(image);
    expect(tf.memory().numTensors - before).toBe(1);
    map.dispose();
    explainer.dispose();
  });

  it("works inside a caller's tidy, which takes the results and leaves the explainer whole", async () => {
    const explainer = createExplainer(graph);
    const expected = await createAndExplain();
    const kept = tf.tidy(() => {
      const { maps } = explainer.explainTensors(image, { rule: 'guided' });
      return maps;
    });
    expect(await takeValues(kept)).toEqual(expected.maps);
    expect((await explainer.explain(image, { rule: 'guided' })).maps).toEqual(expected.maps);
    explainer.dispose();

    async function createAndExplain() {
      const other = createExplainer(graph);
      const result = await other.explain(image, { rule: 'guided' });
      other.dispose();
      return result;
    }
  });

  it("outlives the caller's tidy in which it was made", async () => {
    const explainer = tf.tidy(() => {
      const made = createExplainer(graph);
      made.explainTensors(image, { rule: 'guided' });
      return [made] as unknown as tf.TensorContainer;
    }) as unknown as [ReturnType<typeof createExplainer>];
    const before = tf.memory().numTensors;
    await explainer[0].explain(image, { rule: 'guided' });
    expect(tf.memory().numTensors).toBe(before);
    explainer[0].dispose();
  });

  it('leaves no tensor behind where the options are refused', () => {
    const explainer = createExplainer(graph);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) {
      expect(() => explainer.explainTensors(image, { classes: [9] })).toThrow();
      expect(() => explainer.explainTensors(image.subarray(2))).toThrow();
      expect(() => createExplainer({ ...graph, layers: graph.layers.slice(0, 3) })).toThrow();
    }
    expect(tf.memory().numTensors).toBe(before);
    explainer.dispose();
  });
});
