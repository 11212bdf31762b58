import { GraphError, INPUT, type LayerGraph, validateGraph } from '@clearmaps/deconvnet';
import { graphWithWeights, weightsOf } from './graph-weights.ts';

/** A net in two parts, of which only the second learns. */
export interface DividedNet {
  /** Up to the layer whose output the head takes. */
  readonly trunk: LayerGraph;
  /** Takes the trunk's feature maps as its input and has no preprocessing. */
  readonly head: LayerGraph;
}

/**
 * Divides a net at the first layer that is to learn: the head is that layer and all that depend on it.
 *
 * @throws GraphError when there is no such layer, or the head takes the outputs of several layers of the trunk.
 */
export function divideNet(graph: LayerGraph, firstOfHead: string): DividedNet {
  const shapes = validateGraph(graph);
  const inHead = new Set<string>([firstOfHead]);
  for (const { name, inputs } of graph.layers) {
    if (inputs.some((input) => inHead.has(input))) inHead.add(name);
  }
  const head = graph.layers.filter(({ name }) => inHead.has(name));
  const taken = [...new Set(head.flatMap(({ inputs }) => inputs.filter((input) => !inHead.has(input))))];
  const [border, ...others] = taken;
  const shape = border === undefined ? undefined : shapes.get(border);
  if (head.length === 0 || shape?.length !== 3 || border === INPUT || others.length > 0) {
    throw new GraphError({
      asked: `graph "${graph.name}": a head that begins with "${firstOfHead}"`,
      got:
        head.length === 0
          ? 'no layer of that name'
          : `it takes ${taken.map((name) => `"${name}"`).join(', ')}`,
      allowed: 'a layer such that it and what depends on it take one feature map [h, w, c] from below',
    });
  }
  const needed = new Set([border!]);
  for (const { name, inputs } of graph.layers.toReversed()) {
    if (needed.has(name)) for (const input of inputs) needed.add(input);
  }
  const { classNames, preprocessing, ...rest } = graph;
  return {
    trunk: {
      ...rest,
      ...(preprocessing && { preprocessing }),
      layers: graph.layers.filter(({ name }) => needed.has(name)),
    },
    head: {
      ...rest,
      ...(classNames && { classNames }),
      inputShape: shape as LayerGraph['inputShape'],
      layers: head.map((layer) => ({
        ...layer,
        inputs: layer.inputs.map((input) => (input === border ? INPUT : input)),
      })),
    },
  };
}

/** The undivided net with the weights of its head as they have been trained. */
export function withTrainedHead(graph: LayerGraph, head: LayerGraph): LayerGraph {
  const weights = new Map([...weightsOf(graph), ...weightsOf(head)]);
  return graphWithWeights(graph, new Map([...weights].map(([key, { values }]) => [key, values])));
}
