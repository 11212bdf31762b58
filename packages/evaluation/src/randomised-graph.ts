import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { heNormal } from '@clearmaps/models';

/**
 * A net with random weights in place of some or all of its own: normal, as training starts from (He et al. 2015),
 * with biases of zero.
 *
 * @param next uniform integers 0..2^32-1
 * @param layers names; all with weights unless told
 */
export function randomisedGraph(
  graph: LayerGraph,
  next: () => number,
  layers: readonly string[] = weightedLayers(graph),
): LayerGraph {
  return {
    ...graph,
    layers: graph.layers.map((layer) => {
      if (!('kernel' in layer) || !layers.includes(layer.name)) return layer;
      const { kernel, bias } = layer;
      const values = new Float32Array(kernel.values.length);
      heNormal(values, values.length / kernel.shape.at(-1)!, next);
      const blank = bias && { ...bias, values: new Float32Array(bias.values.length) };
      return { ...layer, kernel: { ...kernel, values }, ...(blank && { bias: blank }) };
    }),
  };
}

/** The layers that have weights to learn, in the graph's order. */
export function weightedLayers({ layers }: LayerGraph): string[] {
  return layers.filter((layer) => 'kernel' in layer).map(({ name }) => name);
}
