import { ExplainError } from './errors.ts';
import type { LayerGraph } from './layer-graph.ts';

/**
 * The smallest and the largest value that each channel of a preprocessed picture can have.
 *
 * @throws ExplainError where the graph has no preprocessing, or one for another number of channels
 */
export function inputBox({ name, inputShape, preprocessing }: LayerGraph): {
  readonly low: readonly number[];
  readonly high: readonly number[];
} {
  const channels = inputShape[2];
  const counts = preprocessing && [preprocessing.mean.length, preprocessing.std.length];
  if (preprocessing === undefined || counts!.some((count) => count !== channels)) {
    throw new ExplainError({
      asked: `the range of the pixels that graph "${name}" takes, for its first layer`,
      got: counts ? `a preprocessing of ${counts} channels for ${channels}` : 'no preprocessing',
      remedy: "Give the graph its preprocessing, or the rule zBox 'low' and 'high'.",
    });
  }
  const { scale, mean, std } = preprocessing;
  const ends = mean.map((value, c) => [-value / std[c]!, (255 * scale - value) / std[c]!]);
  return { low: ends.map((pair) => Math.min(...pair)), high: ends.map((pair) => Math.max(...pair)) };
}
