import { ExplainError } from './errors.ts';
import type { LayerGraph } from './layer-graph.ts';

/**
 * Checks the values of one image [H, W, C] or a batch [B, H, W, C].
 *
 * @param kinds what an engine takes, for the error: `a Float32Array`
 * @returns B
 * @throws ExplainError where it is no Float32Array, its length is no whole number of images, or a value is NaN or
 *   Infinity.
 */
export function checkImages(graph: LayerGraph, input: Float32Array, kinds = 'a Float32Array'): number {
  const size = graph.inputShape.reduce((a, b) => a * b, 1);
  if (!(input instanceof Float32Array)) refuseInput(graph, Object.prototype.toString.call(input), kinds);
  if (input.length === 0 || input.length % size !== 0) refuseInput(graph, `${input.length} values`, kinds);
  const bad = input.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new ExplainError({
      asked: `input of "${graph.name}"`,
      got: `${input[bad]} at position ${bad}`,
      allowed: 'finite numbers',
    });
  }
  return input.length / size;
}

/** @throws ExplainError always, telling the shapes that the graph takes. */
export function refuseInput(graph: LayerGraph, got: string, kinds: string): never {
  const shape = graph.inputShape.join(', ');
  throw new ExplainError({
    asked: `input of "${graph.name}"`,
    got,
    allowed: `${kinds} of [${shape}] or of a batch [B, ${shape}]`,
  });
}
