import {
  type AsyncExplainOptions,
  DEFAULT_RULE,
  DEFAULT_SEED,
  type LayerGraph,
  REDUCTIONS,
} from '@clearmaps/deconvnet/graph';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { dominantCases } from '../../deconvnet/test/dominant-cases.ts';
import { heldBytes } from '../../deconvnet/test/held-bytes.ts';
import { manyClassesCases } from '../../deconvnet/test/many-classes-cases.ts';
import { Oracle } from '../../deconvnet/test/oracle.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { createNativeExplainer, type NativeExplainer } from '../src/index.ts';

/** Too little for one class: every class becomes a sweep of its own. */
const TINY = 1;
const graph = smallNet();
const [height, width, channels] = graph.inputShape;
const pixels = height * width;

const using = async (run: (explainer: NativeExplainer) => Promise<void>, net: LayerGraph = graph) => {
  const explainer = await createNativeExplainer(net, { threads: 1 });
  try {
    await run(explainer);
  } finally {
    await explainer.dispose();
  }
};

it('gives scores, maps and dominant maps in the shapes that it says', () =>
  using(async (explainer) => {
    const images = imagesFor(graph, 2);
    const { shape, classes, logits, probabilities, maps, dominantClass, dominantResponse } =
      await explainer.explain(images);
    expect(shape).toEqual([2, height, width, channels]);
    expect(classes).toEqual([0, 1, 2, 3]);
    expect(explainer.classCount).toBe(4);
    expect(explainer.graph.name).toBe('small');
    expect(logits).toHaveLength(8);
    expect(maps).toBeInstanceOf(Float32Array);
    expect(maps).toHaveLength(2 * 4 * pixels);
    expect(dominantClass).toBeInstanceOf(Int32Array);
    expect(dominantClass).toHaveLength(2 * pixels);
    expect(dominantResponse).toHaveLength(2 * pixels);
    const trace = new Oracle(graph, 'scores').forward(imagesFor(graph, 1));
    expectClose(probabilities.slice(0, 4), trace.values.get('softmax')!, 'probabilities');
    const prediction = await explainer.predict(images);
    expectClose(prediction.logits, logits, 'logits');
    expectClose(prediction.probabilities, probabilities, 'probabilities');
    expect(await explainer.featureMap(images)).toHaveLength(2 * 4 * 4 * 4);
  }));

it('uses the guided rule, positive seeds and channel sums unless told otherwise', () =>
  using(async (explainer) => {
    const image = imagesFor(graph);
    expect([DEFAULT_RULE, DEFAULT_SEED]).toEqual(['guided', 'positive']);
    expect(await explainer.explain(image)).toEqual(
      await explainer.explain(image, { rule: 'guided', seed: 'positive', reduction: 'sum' }),
    );
    expect(await explainer.explain(image)).not.toHaveProperty('responses');
  }));

it.each(REDUCTIONS)(
  'reduces channels by %s, with responses and without, for one channel and for three',
  async (reduction) => {
    for (const net of [graph, smallNet({ channels: 1 })]) {
      await using(async (explainer) => {
        const depth = net.inputShape[2];
        const options = { rule: 'gradient', seed: 'activation', reduction } as const;
        const full = await explainer.explain(imagesFor(net, 2), { ...options, responses: true });
        const expected = full.maps.map((_, at) => {
          const values = full.responses!.subarray(at * depth, (at + 1) * depth);
          if (reduction === 'max') return Math.max(...values);
          const power = reduction === 'l2' ? 2 : 1;
          return values.reduce((sum, value) => sum + value ** power, 0) ** (1 / power);
        });
        expectClose(full.maps, expected, 'maps');
        expectClose((await explainer.explain(imagesFor(net, 2), options)).maps, expected, 'maps alone');
      }, net);
    }
  },
);

describe('some of the classes', () => {
  it.each([undefined, TINY])('come in the order asked, as among all (budget %s)', (memoryBudget) =>
    using(async (explainer) => {
      const images = imagesFor(graph, 2);
      for (const rule of ['deconvnet', 'guided'] as const) {
        const all = await explainer.explain(images, { rule, responses: true });
        const asked = [3, 0, 2];
        const some = await explainer.explain(images, { rule, responses: true, classes: asked, memoryBudget });
        expect(some.classes).toEqual(asked);
        for (const image of [0, 1]) {
          for (const [row, c] of asked.entries()) {
            const part = (values: Float32Array, rows: number, index: number, size: number) =>
              values.slice((image * rows + index) * size, (image * rows + index + 1) * size);
            expectClose(part(some.maps, 3, row, pixels), part(all.maps, 4, c, pixels), 'maps', 1e-6);
            expectClose(
              part(some.responses!, 3, row, pixels * channels),
              part(all.responses!, 4, c, pixels * channels),
              'responses',
              1e-6,
            );
          }
        }
        for (let at = 0; at < 2 * pixels; at++) {
          const values = asked.map(
            (_, row) => some.maps[(Math.floor(at / pixels) * 3 + row) * pixels + (at % pixels)]!,
          );
          const best = values.indexOf(Math.max(...values));
          expect(some.dominantClass[at]).toBe(asked[best]);
          expect(some.dominantResponse[at]).toBe(values[best]);
        }
      }
    }),
  );

  it('stay as they were asked, whatever becomes of the list', () =>
    using(async (explainer) => {
      const classes = [1, 2];
      const call = explainer.explain(imagesFor(graph), { classes });
      classes.reverse();
      expect((await call).classes).toEqual([1, 2]);
    }));
});

it('gives the same in turns as at once, whatever the number of classes a turn', () => {
  const net = smallNet({ classes: 7 });
  return using(async (explainer) => {
    const images = imagesFor(net, 3);
    for (const rule of ['linear', 'gradient'] as const) {
      const options = { rule, seed: 'activation', responses: true } as const;
      const atOnce = await explainer.explain(images, options);
      // The widest layer is the first ReLU: 8x7 pixels, 5 channels in, 5 out, 5 in between, for each of three images; a quarter of
      // the budget is theirs.
      const bytesPerClass = 3 * 4 * 8 * 7 * (5 + 5 + 5);
      for (const most of [1, 2, 3, 4, 6]) {
        const turns: number[] = [];
        const inTurns = await explainer.explain(images, {
          ...options,
          memoryBudget: heldBytes(net, 3, 7, true) + 4 * most * bytesPerClass,
          onProgress: (done) => turns.push(done),
        });
        expect(turns).toHaveLength(Math.ceil(7 / most));
        expectClose(inTurns.maps, atOnce.maps, `maps, ${most} at a time`, 1e-6);
        expectClose(inTurns.responses!, atOnce.responses!, `responses, ${most} at a time`, 1e-6);
        expect(inTurns.logits).toEqual(atOnce.logits);
      }
    }
  }, net);
});

it('takes the forward pass in float64 for what it is when it counts memory', async () => {
  const net = smallNet({ classes: 7 });
  const explainer = await createNativeExplainer(net, { threads: 1, forward: 'float64' });
  const images = imagesFor(net, 3);
  const turnsOf = async (memoryBudget: number): Promise<number> => {
    let turns = 0;
    await explainer.explain(images, { rule: 'linear', memoryBudget, onProgress: () => turns++ });
    return turns;
  };
  // Of one image the first convolution reads 8x7 pixels of 3 channels, gives 5, and copies what its 9 places see.
  const values = 8 * 7 * (3 + 5 + 9 * 3);
  const kernels = net.layers.flatMap((layer) => ('kernel' in layer ? [layer.kernel.values.length] : []));
  const weights = 8 * kernels.reduce((a, b) => a + b) + 4 * Math.max(...kernels);
  const roomForTwo = heldBytes(net, 3, 7) + 4 * 2 * 3 * 4 * 8 * 7 * (5 + 5 + 5);
  expect(await turnsOf(roomForTwo + weights + 3 * 8 * values)).toBe(4);
  expect(await turnsOf(roomForTwo)).toBe(7);
  await explainer.dispose();
});

it('explains images of a batch as it explains them alone', () =>
  using(async (explainer) => {
    const images = imagesFor(graph, 3);
    const size = images.length / 3;
    const together = await explainer.explain(images, { rule: 'guided', seed: 'activation' });
    for (const i of [0, 1, 2]) {
      const alone = await explainer.explain(images.slice(i * size, (i + 1) * size), {
        rule: 'guided',
        seed: 'activation',
      });
      const part = (values: Float32Array) =>
        values.slice((i * values.length) / 3, ((i + 1) * values.length) / 3);
      expectClose(part(together.maps), alone.maps, `maps of image ${i}`, 1e-6);
      expectClose(part(together.logits), alone.logits, `logits of image ${i}`, 1e-6);
    }
  }));

const explainOnce = async (net: LayerGraph, image: Float32Array, options: AsyncExplainOptions) => {
  const explainer = await createNativeExplainer(net, { threads: 1 });
  try {
    return await explainer.explain(image, options);
  } finally {
    await explainer.dispose();
  }
};

describe('the dominant class', () => dominantCases(explainOnce));
describe('many classes', () => manyClassesCases(explainOnce));
