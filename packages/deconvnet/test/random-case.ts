import { definitionOf, foldAffine } from '../src/graph.ts';
import type { Composite, Rule, Seed } from '../src/index.ts';
import { relativeError, TOLERANCE } from './compare.ts';
import { Oracle, type OracleTrace } from './oracle.ts';
import { Random } from './random.ts';
import { type RandomGraph, randomGraph } from './random-graphs.ts';

/** Float32 errs by some 1e-7 a layer; a decision this far from tipping over is the same in float64. */
const SAFE_MARGIN = 4e-6;

export interface RandomCase extends RandomGraph {
  readonly oracle: Oracle;
  readonly images: readonly Float32Array[];
  readonly traces: readonly OracleTrace[];
}

/** A random graph with images on which float32 and float64 decide alike at every ReLU and in every window. */
export function randomCase(seed: number, batch = 2): RandomCase {
  const { graph, featureMap, pool } = randomGraph(seed);
  const oracle = new Oracle(graph, featureMap, pool);
  const random = new Random(seed);
  const size = graph.inputShape.reduce((a, b) => a * b);
  const images: Float32Array[] = [];
  const traces: OracleTrace[] = [];
  for (let tries = 0; images.length < batch; tries++) {
    if (tries === 100) throw new Error(`${graph.name}: no image keeps clear of ties`);
    const image = random.floats(size);
    const trace = oracle.forward(image);
    if (trace.margin < SAFE_MARGIN) continue;
    images.push(image);
    traces.push(trace);
  }
  return { graph, featureMap, pool, oracle, images, traces };
}

/** What an engine should answer. */
export interface RandomAnswer {
  /** [B, N, H, W, C]. */
  readonly values: Float64Array;
  /**
   * How close float32 can come, relative to the largest value. Relevance is divided by sums that may cancel: where an
   * error of 1e-6 in every sum moves the answer by more than the usual tolerance, that is how far it may be off.
   */
  readonly tolerance: number;
}

export function answerOf(one: RandomCase, rule: Rule | Composite, seed: Seed): RandomAnswer {
  const { composite } = definitionOf(rule);
  const { oracle, traces } = composite ? foldedCase(one) : one;
  const respond = (jitter: number): Float64Array => {
    oracle.jitter = jitter;
    const classes = Array.from({ length: oracle.featureMapSize[2] }, (_, c) => c);
    const parts = traces.flatMap((trace) => classes.map((c) => oracle.respond(trace, rule, seed, c)));
    oracle.jitter = 0;
    return Float64Array.from(parts.flatMap((part) => Array.from(part)));
  };
  const values = respond(0);
  const jittered = composite ? relativeError(respond(1e-6), values) : 0;
  return { values, tolerance: Math.max(TOLERANCE, jittered) };
}

/** The same case with its affine layers folded, as relevance is propagated: the layers have the names that are left. */
function foldedCase({ graph, featureMap, pool, images }: RandomCase): RandomCase {
  const folded = foldAffine(graph);
  const left = (name: string): string =>
    folded.layers.some((layer) => layer.name === name)
      ? name
      : left(graph.layers.find((layer) => layer.name === name)!.inputs[0]!);
  const oracle = new Oracle(folded, left(featureMap), pool);
  const traces = images.map((image) => oracle.forward(image));
  return { graph: folded, featureMap: left(featureMap), pool, oracle, images, traces };
}
