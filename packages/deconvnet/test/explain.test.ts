import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type AsyncExplainOptions,
  createExplainer,
  DEFAULT_RULE,
  DEFAULT_SEED,
  type Explanation,
  type LayerGraph,
  REDUCTIONS,
  type Reduction,
} from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { expectClose } from './compare.ts';
import { dominantCases } from './dominant-cases.ts';
import { heldBytes } from './held-bytes.ts';
import { manyClassesCases } from './many-classes-cases.ts';
import { Oracle } from './oracle.ts';
import { imagesFor, scaleNet, smallNet } from './small-nets.ts';

/** Too little for one class: every class becomes a sweep of its own. */
const TINY = 1;

onEachBackend((backend) => {
  const graph = smallNet();
  const [height, width, channels] = graph.inputShape;
  const pixels = height * width;
  const using = async (
    run: (explainer: ReturnType<typeof createExplainer>) => Promise<void>,
    net = graph,
  ) => {
    const explainer = createExplainer(net);
    try {
      await run(explainer);
    } finally {
      explainer.dispose();
    }
  };

  /** To the bit; on webgpu, where tfjs takes another matrix product for another batch size, to 1e-6. */
  const expectSame = (found: Explanation, expected: Explanation): void => {
    if (backend !== 'webgpu') {
      expect(found).toEqual(expected);
      return;
    }
    const { maps, evidence, dominantResponse, responses, ...others } = expected;
    expect(found).toMatchObject(others);
    expectClose(found.maps, maps, 'maps', 1e-6);
    expectClose(found.evidence, evidence, 'evidence', 1e-6);
    expectClose(found.dominantResponse, dominantResponse, 'dominant response', 1e-6);
    expectClose(found.responses ?? [], responses ?? [], 'responses', 1e-6);
  };

  it('gives scores, maps and dominant maps in the shapes that it says', () =>
    using(async (explainer) => {
      const { shape, classes, logits, probabilities, maps, dominantClass, dominantResponse } =
        await explainer.explain(imagesFor(graph, 2));
      expect(shape).toEqual([2, height, width, channels]);
      expect(classes).toEqual([0, 1, 2, 3]);
      expect(explainer.classCount).toBe(4);
      expect(logits).toHaveLength(8);
      expect(maps).toBeInstanceOf(Float32Array);
      expect(maps).toHaveLength(2 * 4 * pixels);
      expect(dominantClass).toBeInstanceOf(Int32Array);
      expect(dominantClass).toHaveLength(2 * pixels);
      expect(dominantResponse).toHaveLength(2 * pixels);
      const trace = new Oracle(graph, 'scores').forward(imagesFor(graph, 1));
      expectClose(probabilities.slice(0, 4), trace.values.get('softmax')!, 'probabilities');
    }));

  it('uses the guided rule, positive seeds and channel sums unless told otherwise', () =>
    using(async (explainer) => {
      const image = imagesFor(graph);
      expect([DEFAULT_RULE, DEFAULT_SEED]).toEqual(['guided', 'positive']);
      expect(await explainer.explain(image)).toEqual(
        await explainer.explain(image, { rule: 'guided', seed: 'positive', reduction: 'sum' }),
      );
    }));

  it('returns responses only where asked for', () =>
    using(async (explainer) => {
      const image = imagesFor(graph);
      expect(await explainer.explain(image)).not.toHaveProperty('responses');
      const { responses } = await explainer.explain(image, { responses: true });
      expect(responses).toHaveLength(4 * pixels * channels);
      const without = explainer.explainTensors(image);
      expect(without).not.toHaveProperty('responses');
      without.dispose();
    }));

  it('takes classes in the order asked', () =>
    using(async (explainer) => {
      const image = imagesFor(graph, 2);
      const all = await explainer.explain(image, { rule: 'guided', responses: true });
      const some = await explainer.explain(image, { rule: 'guided', responses: true, classes: [3, 0, 2] });
      expect(some.classes).toEqual([3, 0, 2]);
      expect(some.logits).toEqual(all.logits);
      for (const image of [0, 1]) {
        for (const [row, c] of [3, 0, 2].entries()) {
          const part = (values: Float32Array, rows: number, index: number, size: number) =>
            values.slice((image * rows + index) * size, (image * rows + index + 1) * size);
          expect(part(some.maps, 3, row, pixels)).toEqual(part(all.maps, 4, c, pixels));
          expect(part(some.responses!, 3, row, pixels * channels)).toEqual(
            part(all.responses!, 4, c, pixels * channels),
          );
        }
      }
      for (let at = 0; at < 2 * pixels; at++) {
        const values = [3, 0, 2].map(
          (_, row) => some.maps[(Math.floor(at / pixels) * 3 + row) * pixels + (at % pixels)]!,
        );
        const best = values.indexOf(Math.max(...values));
        expect(some.dominantClass[at]).toBe([3, 0, 2][best]);
        expect(some.dominantResponse[at]).toBe(values[best]);
      }
    }));

  it('takes all classes in another order', () =>
    using(async (explainer) => {
      for (const seed of ['activation', 'unit'] as const) {
        const image = imagesFor(graph);
        const all = await explainer.explain(image, { rule: 'gradient', seed });
        const turned = await explainer.explain(image, { rule: 'gradient', seed, classes: [3, 0, 2, 1] });
        for (const [row, c] of [3, 0, 2, 1].entries()) {
          expect(turned.maps.slice(row * pixels, (row + 1) * pixels)).toEqual(
            all.maps.slice(c * pixels, (c + 1) * pixels),
          );
        }
        expect(turned.dominantClass).toEqual(all.dominantClass);
      }
    }));

  it('explains a single class, whose map is then dominant everywhere', () =>
    using(async (explainer) => {
      const one = await explainer.explain(imagesFor(graph), { classes: [2], rule: 'linear' });
      expect([...new Set(one.dominantClass)]).toEqual([2]);
      expect(one.dominantResponse).toEqual(one.maps);
    }));

  it('keeps its own copy of the asked classes', () =>
    using(async (explainer) => {
      const classes = [1, 2];
      const result = explainer.explainTensors(imagesFor(graph), { classes });
      classes.reverse();
      expect(result.classes).toEqual([1, 2]);
      result.dispose();
    }));

  it.each(['linear', 'deconvnet', 'gradient', 'guided'] as const)(
    'explains a batch under %s as it explains its images one by one',
    (rule) =>
      using(async (explainer) => {
        const batch = imagesFor(graph, 3);
        const size = pixels * channels;
        const all = await explainer.explain(batch, { rule, seed: 'activation', responses: true });
        for (let i = 0; i < 3; i++) {
          const one = await explainer.explain(batch.slice(i * size, (i + 1) * size), {
            rule,
            seed: 'activation',
            responses: true,
          });
          for (const key of ['logits', 'maps', 'responses', 'dominantResponse'] as const) {
            const length = one[key]!.length;
            expectClose(
              all[key]!.slice(i * length, (i + 1) * length),
              one[key]!,
              `${key} of image ${i}`,
              1e-6,
            );
          }
          expect(all.dominantClass.slice(i * pixels, (i + 1) * pixels)).toEqual(one.dominantClass);
        }
      }),
  );

  /** With the trace of two images: a map of 4x4 and a score a class, switches, masks of both ReLUs. */
  const heldOfTwo =
    heldBytes(graph, 2, 4, true) + 4 * 2 * (4 * 4 * 4 + 4 + 8 * 8 * 5 + 8 * 7 * 5 + 4 * 4 * 6);
  it.each([
    ['in a sweep a class', TINY, 4],
    // 8x7x5 floats arrive at the first ReLU, as many leave and lie between, of two images: two classes, not three.
    ['in two sweeps', heldOfTwo + 4 * 15_000, 2],
    ['in one sweep without a budget', Number.POSITIVE_INFINITY, 1],
  ])('answers %s as in one sweep', (_, memoryBudget, sweeps) =>
    using(async (explainer) => {
      const image = imagesFor(graph, 2);
      const whole = await explainer.explain(image, { responses: true, rule: 'guided' });
      let counted = 0;
      const parts = await explainer.explain(image, {
        responses: true,
        rule: 'guided',
        memoryBudget,
        onProgress: () => {
          counted++;
        },
      });
      expect(counted).toBe(sweeps);
      expectSame(parts, whole);
    }),
  );

  it('cuts seven classes into sweeps of any size and forgets none', () =>
    using(
      async (explainer) => {
        const image = imagesFor(graph);
        const whole = await explainer.explain(image, { rule: 'deconvnet' });
        // Its widest layer is the first ReLU: 8x7x5 floats arrive, as many leave, as many lie between; a quarter of the budget is theirs.
        const bytesPerClass = 3 * 280 * 4;
        // The trace: a map of 4x4 and a score a class, and the switches of 8x8x5 pixels.
        const held = heldBytes(explainer.graph, 1, 7) + 4 * (4 * 4 * 7 + 7 + 8 * 8 * 5);
        for (let most = 1; most <= 8; most++) {
          const done: number[] = [];
          const parts = await explainer.explain(image, {
            rule: 'deconvnet',
            memoryBudget: held + 4 * most * bytesPerClass,
            onProgress: (classes) => done.push(classes),
          });
          expectSame(parts, whole);
          expect(done).toHaveLength(Math.ceil(7 / most));
          const sizes = done.map((classes, i) => classes - (done[i - 1] ?? 0));
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        }
      },
      smallNet({ classes: 7 }),
    ));

  it.each(REDUCTIONS)('reduces three channels to one by %s', (reduction) =>
    using(async (explainer) => {
      const result = await explainer.explain(imagesFor(graph), {
        rule: 'linear',
        reduction,
        responses: true,
      });
      const reduce: Record<Reduction, (values: number[]) => number> = {
        sum: (values) => values.reduce((a, b) => a + b),
        max: (values) => Math.max(...values),
        l2: (values) => Math.hypot(...values),
      };
      const expected = result.maps.map((_, i) =>
        reduce[reduction](Array.from(result.responses!.subarray(i * channels, (i + 1) * channels))),
      );
      expectClose(result.maps, expected, reduction, 1e-6);
    }),
  );

  it('leaves one channel as it is, and gives its size under l2', () =>
    using(
      async (explainer) => {
        const image = imagesFor(explainer.graph);
        for (const reduction of REDUCTIONS) {
          const { maps, responses } = await explainer.explain(image, {
            rule: 'linear',
            reduction,
            responses: true,
          });
          expect(maps).toEqual(reduction === 'l2' ? responses!.map(Math.abs) : responses);
          maps.fill(0);
          expect(responses!.some((value) => value !== 0)).toBe(true);
        }
      },
      smallNet({ channels: 1 }),
    ));

  it('gives tensors that hold what explain gives', () =>
    using(async (explainer) => {
      const image = imagesFor(graph, 2);
      const options = { rule: 'gradient', seed: 'unit', responses: true, classes: [2, 1] } as const;
      const arrays = await explainer.explain(image, options);
      const tensors = explainer.explainTensors(image, options);
      const { logits, probabilities, responses, maps, dominantClass, dominantResponse } = tensors;
      expect(logits.shape).toEqual([2, 4]);
      expect(responses!.shape).toEqual([2, 2, height, width, channels]);
      expect(maps.shape).toEqual([2, 2, height, width]);
      expect(dominantClass.shape).toEqual([2, height, width]);
      expect(dominantClass.dtype).toBe('int32');
      expect(dominantResponse.shape).toEqual([2, height, width]);
      expect(tensors.classes).toEqual(arrays.classes);
      for (const [key, tensor] of Object.entries({
        logits,
        probabilities,
        responses: responses!,
        maps,
        dominantClass,
        dominantResponse,
      })) {
        expect(await tensor.data(), key).toEqual(arrays[key as 'maps']);
      }
      tensors.dispose();
    }));

  it('takes an image, a batch, a tensor of either, and whole numbers', () =>
    using(async (explainer) => {
      const values = imagesFor(graph).map((value) => Math.round(value * 4));
      const expected = await explainer.explain(values);
      const image = tf.tensor3d(values, [height, width, channels]);
      const batch = tf.tensor4d(values, [1, height, width, channels]);
      const whole = tf.tensor3d(Array.from(values), [height, width, channels], 'int32');
      for (const tensor of [image, batch, whole]) {
        expect(await explainer.explain(tensor)).toEqual(expected);
        expect(tensor.isDisposed).toBe(false);
        tensor.dispose();
      }
    }));

  it('predicts what explain reports', () =>
    using(async (explainer) => {
      const image = imagesFor(graph, 2);
      const { logits, probabilities } = await explainer.explain(image);
      expect(await explainer.predict(image)).toEqual({ logits, probabilities });
      const tensors = explainer.predictTensors(image);
      expect(tensors.logits.shape).toEqual([2, 4]);
      expect(await tensors.probabilities.data()).toEqual(probabilities);
      tensors.logits.dispose();
      tensors.probabilities.dispose();
    }));

  it('gives the feature map as an array, too', () =>
    using(async (explainer) => {
      const images = imagesFor(graph, 2);
      const tensor = explainer.featureMapTensor(images);
      expect(tensor.shape).toEqual([2, 4, 4, 4]);
      expect(await explainer.featureMap(images)).toEqual(await tensor.data());
      tensor.dispose();
    }));

  it('reads class scores of [1, 1, N] from a net without pooling', () =>
    using(
      async (explainer) => {
        const { shape, logits, responses } = await explainer.explain(Float32Array.from([2, 3]), {
          rule: 'linear',
          seed: 'activation',
          responses: true,
        });
        expect(shape).toEqual([2, 1, 1, 1]);
        expect(Array.from(logits)).toEqual([2, -2, 3, -3]);
        // z_L times the weight.
        expect(Array.from(responses!)).toEqual([2, 2, 3, 3]);
      },
      {
        ...scaleNet([1, -1]),
        layers: [scaleNet([1, -1]).layers[0]!, { type: 'softmax', name: 'softmax', inputs: ['scores'] }],
      },
    ));

  const explainOnce = async (net: LayerGraph, image: Float32Array, options: AsyncExplainOptions) => {
    const explainer = createExplainer(net);
    try {
      return await explainer.explain(image, options);
    } finally {
      explainer.dispose();
    }
  };

  describe('many classes', () => {
    manyClassesCases(explainOnce);

    it('are grouped on the backend as they are in arrays', () =>
      using(async (explainer) => {
        const options = { groups: [[1, 3], [0]], rule: 'guided' } as const;
        const tensors = explainer.explainTensors(imagesFor(graph, 2), options);
        const { maps, dominantClass } = await explainer.explain(imagesFor(graph, 2), options);
        expect(tensors.classes).toEqual([0, 1]);
        expectClose(await tensors.maps.data(), maps, 'maps', 1e-6);
        expect(await tensors.dominantClass.data()).toEqual(dominantClass);
        tensors.dispose();
      }));
  });

  describe('the dominant class', () => {
    dominantCases(explainOnce);

    it('stays a class of the net where responses are not numbers', async () => {
      const explainer = createExplainer(scaleNet([1, 2, 3]));
      const image = tf.tensor3d([Number.NaN], [1, 1, 1]);
      const { dominantClass } = await explainer.explain(image, { seed: 'activation' });
      expect([0, 1, 2]).toContain(dominantClass[0]);
      image.dispose();
      explainer.dispose();
    });
  });

  it(`says which backend it ran on: ${backend}`, () => expect(tf.getBackend()).toBe(backend));
});
