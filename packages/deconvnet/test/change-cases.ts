import { describe, it } from 'vitest';
import { ChangePlan, changedImages, GraphPlan } from '../src/graph.ts';
import type { ChangedWindows, ChangeOptions, LayerGraph, LayerType, Prediction } from '../src/index.ts';
import { expectClose } from './compare.ts';
import { Random } from './random.ts';
import { randomGraph } from './random-graphs.ts';

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

/** The contract of changes, for every engine. */
export function changeCases(
  open: (graph: LayerGraph) => ScoresChanges | Promise<ScoresChanges>,
  seeds: readonly number[],
): void {
  describe('changed windows', () => {
    it.each(seeds)('score as the changed images do, on random graph %i', async (seed) => {
      const { graph } = randomGraph(seed);
      const random = new Random(seed + 1);
      const image = random.floats(graph.inputShape.reduce((a, b) => a * b));
      const windows = randomWindows(graph, random);
      const engine = await open(graph);
      try {
        const every = Array.from({ length: windows.corners.length / 2 }, (_, i) => i);
        const expected = await engine.predict(changedImages(graph.inputShape, image, windows, every));
        for (const options of [{ batch: 4, mostShare: Infinity }, { mostShare: 0 }, {}]) {
          const { logits, probabilities } = await engine.predictChanges(image, windows, options);
          expectClose(logits, expected.logits, `logits ${JSON.stringify(options)}`);
          expectClose(probabilities, expected.probabilities, `probabilities ${JSON.stringify(options)}`);
        }
      } finally {
        await engine.dispose();
      }
    });
  });
}

/** Layer types of the random graphs through which changes are followed. */
export function followedTypes(seeds: readonly number[]): Set<LayerType> {
  const plans = seeds.map((seed) => new GraphPlan(randomGraph(seed).graph));
  const followed = plans.filter((plan) => ChangePlan.of(plan) !== undefined);
  return new Set(followed.flatMap(({ graph }) => graph.layers.map(({ type }) => type)));
}
