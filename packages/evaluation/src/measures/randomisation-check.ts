import type { AsyncExplainOptions, LayerGraph } from '@clearmaps/deconvnet/graph';
import { EvaluationError } from '../errors.ts';
import type { ExplainedNet } from '../explained-net.ts';
import { randomisedGraph, weightedLayers } from '../randomised-graph.ts';
import { rankCorrelation } from './map-correlation.ts';

/** Images with the class whose map is looked at. */
export interface CheckedImages {
  /** [B, H, W, C] */
  readonly values: Float32Array;
  /** [B] */
  readonly classes: readonly number[];
}

type CheckOptions = Pick<AsyncExplainOptions, 'rule' | 'seed' | 'reduction' | 'signal'>;

export interface RandomisationStep {
  /** The last layer that lost its weights; those after it had lost theirs before. */
  readonly layer: string;
  /** Mean rank correlation with the maps of the trained net. */
  readonly similarity: number;
}

/**
 * The cascading model parameter randomisation test (Adebayo et al. 2018, "Sanity Checks for Saliency Maps", section
 * 3.1): weights are replaced by random ones from the last layer to the first. Maps that stay alike do not show what
 * the net has learned.
 *
 * @param open puts a net where it can be explained; it is disposed after its step
 * @param next uniform integers 0..2^32-1
 */
export async function modelRandomisation(
  net: ExplainedNet,
  model: LayerGraph,
  images: CheckedImages,
  {
    open,
    next,
    ...options
  }: CheckOptions & {
    readonly open: (graph: LayerGraph) => Promise<ExplainedNet & { dispose(): void | Promise<void> }>;
    readonly next: () => number;
  },
): Promise<RandomisationStep[]> {
  const own = await classMaps(net, images, options);
  const steps: RandomisationStep[] = [];
  let graph = model;
  for (const layer of weightedLayers(model).reverse()) {
    options.signal?.throwIfAborted();
    graph = randomisedGraph(graph, next, [layer]);
    const randomised = await open(graph);
    try {
      steps.push({ layer, similarity: similarityOf(own, await classMaps(randomised, images, options)) });
    } finally {
      await randomised.dispose();
    }
  }
  return steps;
}

/**
 * The data randomisation test (the same, section 3.2): a net of the same shape that learned random labels by heart.
 *
 * @param random trained on the same images with shuffled labels
 * @returns mean rank correlation of the maps of both nets
 * @throws EvaluationError where they have different classes
 */
export async function labelRandomisation(
  net: ExplainedNet,
  random: ExplainedNet,
  images: CheckedImages,
  options: CheckOptions = {},
): Promise<number> {
  if (net.classCount !== random.classCount) {
    throw new EvaluationError({
      asked: 'label randomisation',
      got: `nets of ${net.classCount} and ${random.classCount} classes`,
      allowed: 'two nets of one shape',
    });
  }
  return similarityOf(await classMaps(net, images, options), await classMaps(random, images, options));
}

async function classMaps(
  net: ExplainedNet,
  { values, classes }: CheckedImages,
  options: CheckOptions,
): Promise<Float32Array[]> {
  const asked = [...new Set(classes)].sort((a, b) => a - b);
  const { maps } = await net.explain(values, { ...options, classes: asked });
  const pixels = maps.length / (classes.length * asked.length);
  return classes.map((c, i) => {
    const begin = (i * asked.length + asked.indexOf(c)) * pixels;
    return maps.subarray(begin, begin + pixels);
  });
}

function similarityOf(some: readonly Float32Array[], others: readonly Float32Array[]): number {
  return some.reduce((sum, map, i) => sum + rankCorrelation(map, others[i]!), 0) / some.length;
}
