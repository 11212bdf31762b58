import { GraphError } from './errors.ts';
import { INPUT, type LayerGraph } from './layer-graph.ts';
import { type PlanLayer, poolLast } from './pool-last.ts';
import type { Shape } from './validate-graph.ts';

/** Where the seed stands and where the class scores are read. */
export interface FeatureMap {
  /**
   * The layer whose output is z_L: one channel a class, before global average pooling and softmax. The last of
   * the dense layers, where some follow the pooling.
   */
  readonly layer: string;
  /** [h, w, N]; a rank-1 output counts as [1, 1, N]. */
  readonly shape: readonly [number, number, number];
  /** The layer of a GraphPlan whose output holds the class scores, before the softmax. */
  readonly logits: string;
}

/**
 * Finds z_L (CLEAR section 3). The global average pooling is stepped over: the seed stands at the map as the
 * pooling receives it, after a ReLU where the net has one there.
 *
 * Dense layers behind the pooling are applied at every place of that map x, [h, w, K], instead, which has the mean
 * g. With s_c(g) the score of class c and V[k,c] = ds_c/dg_k its effective weights, through the ReLUs between the
 * dense layers that were active,
 *
 *     z_L[h,w,c] = sum over k of V[k,c] (x[h,w,k] - g_k) + s_c(g)
 *
 * The mean of z_L over places is the class score, exactly: the sum over places is h w times the score. Of one dense
 * layer V is its kernel, and z_L the class activation map of Zhou et al. 2016 plus the bias.
 *
 * A net that ends in a flatten and dense layers has its logits as a 1x1 map, as has one whose way from the pooling
 * branches.
 *
 * @throws GraphError where the output still has places, or the walk back from it meets the input itself.
 */
export function findFeatureMap(graph: LayerGraph, shapesOfGraph: ReadonlyMap<string, Shape>): FeatureMap {
  const net = poolLast(graph, shapesOfGraph);
  const { shapes } = net;
  const layers = new Map(net.layers.map((layer) => [layer.name, layer]));
  let at: string = net.layers.at(-1)!.name;
  const skip = (passes: (layer: PlanLayer) => boolean): void => {
    for (let layer = layers.get(at); layer !== undefined && passes(layer); layer = layers.get(at)) {
      at = layer.inputs[0]!;
    }
  };
  // A flatten of a 1x1 map only renames its axes.
  const keepsValues = (layer: PlanLayer): boolean =>
    layer.type === 'softmax' ||
    layer.type === 'dropout' ||
    (layer.type === 'flatten' &&
      shapes
        .get(layer.inputs[0]!)!
        .slice(0, -1)
        .every((size) => size === 1));
  skip((layer) => layer.type === 'softmax');
  const logits = at;
  skip(keepsValues);
  if (layers.get(at)?.type === 'globalAveragePool2d') {
    at = layers.get(at)!.inputs[0]!;
    skip((layer) => layer.type === 'dropout');
  }
  const output = shapes.get(logits)!;
  if (output.slice(0, -1).some((size) => size !== 1)) {
    throw new GraphError({
      asked: `graph "${graph.name}": class scores of layer "${logits}"`,
      got: `[${output}]`,
      allowed: 'one score a class: [N] or [1, 1, N]',
      remedy: 'End the net with a globalAveragePool2d layer.',
    });
  }
  if (at === INPUT) {
    throw new GraphError({
      asked: `graph "${graph.name}": the feature map of the last layer`,
      got: 'nothing between the input and the class scores',
      allowed: 'a net whose last layer has one kernel a class',
    });
  }
  const shape = shapes.get(at)!;
  return {
    layer: at,
    shape: shape.length === 1 ? [1, 1, shape[0]!] : (shape as FeatureMap['shape']),
    logits,
  };
}
