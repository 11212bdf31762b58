import { INPUT, type LayerGraph, validateGraph } from '@clearmaps/deconvnet/graph';

/** Whether each layer takes the one before it and nothing else, so that the net can be cut anywhere. */
export function isChain({ layers }: LayerGraph): boolean {
  return layers.every(({ inputs }, i) => inputs.length === 1 && inputs[0] === (layers[i - 1]?.name ?? INPUT));
}

/** The layers after which a chain can be cut: those before its feature map whose output still has places. */
export function cuts(graph: LayerGraph): string[] {
  const shapes = validateGraph(graph);
  const places = graph.layers.filter(({ name }) => shapes.get(name)!.length === 3);
  return places.slice(0, -1).map(({ name }) => name);
}

/** A chain up to a layer, whose feature map is the output of that layer. */
export function headOf(graph: LayerGraph, layer: string): LayerGraph {
  const end = graph.layers.findIndex(({ name }) => name === layer) + 1;
  const pool = { type: 'globalAveragePool2d', name: 'head_average', inputs: [layer] } as const;
  return { ...graph, classNames: undefined, layers: [...graph.layers.slice(0, end), pool] };
}

/** The rest of it: its input is what that layer gives, and its responses are those that arrive there on the way back. */
export function tailOf(graph: LayerGraph, layer: string): LayerGraph {
  const shape = validateGraph(graph).get(layer) as readonly [number, number, number];
  const begin = graph.layers.findIndex(({ name }) => name === layer) + 1;
  const layers = graph.layers
    .slice(begin)
    .map((each, i) => (i === 0 ? { ...each, inputs: [INPUT] as const } : each));
  return { ...graph, preprocessing: undefined, inputShape: shape, layers };
}
