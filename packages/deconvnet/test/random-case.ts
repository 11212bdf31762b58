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
