import { describe, expect, it } from 'vitest';
import { ChangePlan, changedImages } from '../src/changes.ts';
import { GraphPlan } from '../src/graph.ts';
import type { ChangedWindows, ChangeOptions, LayerGraph, LayerType, Prediction } from '../src/index.ts';
import { expectClose } from './compare.ts';
import { Random } from './random.ts';
import { randomGraph } from './random-graphs.ts';
import { imagesFor, smallNet } from './small-nets.ts';

export interface ScoresChanges {
  predict(images: Float32Array): Promise<Prediction>;
  predictChanges(image: Float32Array, windows: ChangedWindows, options?: ChangeOptions): Promise<Prediction>;
  dispose(): void | Promise<void>;
}

/** Windows of a random size at random places, and at every corner of the image. */
export function randomWindows({ inputShape }: LayerGraph, random: Random, count = 9): ChangedWindows {
  const [rows, columns, channels] = inputShape;
  const height = random.int(1, Math.max(1, rows >> 1));
  const width = random.int(1, Math.max(1, columns >> 1));
  const [bottom, right] = [rows - height, columns - width];
  const corners = [0, 0, 0, right, bottom, 0, bottom, right];
  while (corners.length < 2 * count) corners.push(random.int(0, bottom), random.int(0, right));
  return {
    height,
    width,
    corners: Int32Array.from(corners),
    values: random.floats(count * height * width * channels),
  };
}

/** Some of the windows hold what the image has there: all of it, or but for one pixel. The last is one of them twice. */
export function partlyChanged(
  { inputShape }: LayerGraph,
  image: Float32Array,
  { height, width, corners, values }: ChangedWindows,
): ChangedWindows {
  const [, columns, channels] = inputShape;
  const size = height * width * channels;
  const count = corners.length / 2;
  const held = new Float32Array((count + 1) * size);
  for (let window = 0; window < count; window++) {
    const [top, left] = [corners[2 * window]!, corners[2 * window + 1]!];
    // Window 0 is unchanged, 1 and 2 differ at their first and last pixel, 3 as a whole, and so on.
    const differs = (pixel: number): boolean =>
      [false, pixel === 0, pixel === height * width - 1, true][window % 4]!;
    for (let i = 0; i < size; i++) {
      const pixel = Math.floor(i / channels);
      const [y, x] = [top + Math.floor(pixel / width), left + (pixel % width)];
      const own = image[(y * columns + x) * channels + (i % channels)]!;
      held[window * size + i] = differs(pixel) ? values[window * size + i]! : own;
    }
  }
  held.copyWithin(count * size, 3 * size, 4 * size);
  const twice = Int32Array.of(...corners, ...corners.subarray(6, 8));
  return { height, width, corners: twice, values: held };
}

/** The contract of changes, for every engine. */
export function changeCases(
  open: (graph: LayerGraph) => ScoresChanges | Promise<ScoresChanges>,
  seeds: readonly number[],
): void {
  const all = ({ corners }: ChangedWindows): number[] =>
    Array.from({ length: corners.length / 2 }, (_, i) => i);

  describe('changed windows', () => {
    it.each(seeds)('score as the changed images do, on random graph %i', async (seed) => {
      const { graph } = randomGraph(seed);
      const random = new Random(seed + 1);
      const image = random.floats(graph.inputShape.reduce((a, b) => a * b));
      const whole = randomWindows(graph, random);
      const engine = await open(graph);
      try {
        for (const windows of [whole, partlyChanged(graph, image, whole)]) {
          const variants = changedImages(graph.inputShape, image, windows, all(windows));
          const expected = await engine.predict(variants);
          for (const options of [{ batch: 4, mostShare: Infinity }, { mostShare: 0 }, {}]) {
            const { logits, probabilities } = await engine.predictChanges(image, windows, options);
            expectClose(logits, expected.logits, `logits ${JSON.stringify(options)}`);
            expectClose(probabilities, expected.probabilities, `probabilities ${JSON.stringify(options)}`);
          }
        }
      } finally {
        await engine.dispose();
      }
    });

    it('that hold what the image has there have its own scores, to the bit, and equal ones equal scores', async () => {
      const graph = smallNet();
      const image = imagesFor(graph);
      const windows = partlyChanged(graph, image, randomWindows(graph, new Random(1)));
      const engine = await open(graph);
      const { logits } = await engine.predict(image);
      const classes = logits.length;
      for (const mostShare of [0, Infinity]) {
        const scored = await engine.predictChanges(image, windows, { mostShare });
        const of = (window: number) => scored.logits.subarray(window * classes, (window + 1) * classes);
        for (const window of [0, 4, 8]) expect(of(window)).toEqual(logits);
        expect(of(9)).toEqual(of(3));
        expect(of(1)).not.toEqual(logits);
      }
      await engine.dispose();
    });

    it('are scored as they are when they are asked for, whatever becomes of the arrays', async () => {
      const graph = smallNet();
      const image = imagesFor(graph);
      const windows = randomWindows(graph, new Random(2));
      const engine = await open(graph);
      const expected = await engine.predictChanges(image, windows);
      const [pixels, corners, values] = [image.slice(), windows.corners.slice(), windows.values.slice()];
      const call = engine.predictChanges(pixels, { ...windows, corners, values });
      for (const array of [pixels, corners, values]) array.fill(0);
      expect(await call).toEqual(expected);
      // And of another image than the last.
      const other = imagesFor(graph, 1, 9);
      const changed = changedImages(graph.inputShape, other, windows, all(windows));
      const { logits } = await engine.predictChanges(other, windows, { mostShare: Infinity });
      expectClose(logits, (await engine.predict(changed)).logits, 'logits of another image');
      await engine.dispose();
    });

    it('are refused once the engine is disposed of, also while they are scored', async () => {
      const graph = smallNet();
      const image = imagesFor(graph);
      const windows = randomWindows(graph, new Random(3));
      const engine = await open(graph);
      await engine.predictChanges(image, windows);
      const call = engine.predictChanges(image, windows, { batch: 1 });
      const refused = expect(call).rejects.toThrow('a call after dispose()');
      await engine.dispose();
      await refused;
      await expect(engine.predictChanges(image, windows)).rejects.toThrow('a call after dispose()');
    });
  });
}

/** Layer types of the random graphs through which changes are followed. */
export function followedTypes(seeds: readonly number[]): Set<LayerType> {
  const plans = seeds.map((seed) => new GraphPlan(randomGraph(seed).graph));
  const followed = plans.filter((plan) => ChangePlan.of(plan) !== undefined);
  return new Set(followed.flatMap(({ graph }) => graph.layers.map(({ type }) => type)));
}
