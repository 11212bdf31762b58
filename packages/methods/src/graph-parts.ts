import {
  findFeatureMap,
  INPUT,
  type Layer,
  type LayerGraph,
  validateGraph,
} from '@clearmaps/deconvnet/graph';
import { MethodError } from './errors.ts';

/**
 * The net up to a layer, as a net of its own: its feature map is that layer's output, its "classes" are the
 * layer's channels, each scored by the mean over places.
 *
 * @throws MethodError for a layer that does not exist.
 */
export function graphUpTo(graph: LayerGraph, name: string): LayerGraph {
  const names = graph.layers.map((layer) => layer.name);
  if (!names.includes(name)) throw noSuchLayer(graph, name, names);
  const needed = upstreamOf(graph, name);
  const layers = graph.layers.filter((layer) => needed.has(layer.name));
  const mean: Layer = { type: 'globalAveragePool2d', name: `mean of ${name}`, inputs: [name] };
  return {
    name: `${graph.name} up to ${name}`,
    inputShape: graph.inputShape,
    preprocessing: graph.preprocessing,
    layers: validateGraph(graph).get(name)!.length === 3 ? [...layers, mean] : layers,
  };
}

/**
 * The net from a layer's output to the class scores: what was that layer's output is its input.
 *
 * @throws MethodError for a layer that is not among {@link cutLayers}.
 */
export function graphFrom(graph: LayerGraph, name: string): LayerGraph {
  const allowed = cutLayers(graph);
  if (!allowed.includes(name)) throw noSuchLayer(graph, name, allowed);
  const before = upstreamOf(graph, name);
  return {
    name: `${graph.name} from ${name}`,
    inputShape: validateGraph(graph).get(name) as LayerGraph['inputShape'],
    classNames: graph.classNames,
    layers: graph.layers
      .filter((layer) => !before.has(layer.name))
      .map((layer) => ({ ...layer, inputs: layer.inputs.map((from) => (from === name ? INPUT : from)) })),
  };
}

/** The layers with places, before z_L, that everything later passes through: where a net falls in two. */
export function cutLayers(graph: LayerGraph): string[] {
  const shapes = validateGraph(graph);
  const featureMap = findFeatureMap(graph, shapes).layer;
  return graph.layers
    .map(({ name }) => name)
    .filter((name) => {
      const before = upstreamOf(graph, name);
      if (shapes.get(name)!.length !== 3 || before.has(featureMap)) return false;
      const passes = (from: string): boolean => from === name || (from !== INPUT && !before.has(from));
      return graph.layers.every((layer) => before.has(layer.name) || layer.inputs.every(passes));
    });
}

/** A layer and all that it depends on, the input left out. */
function upstreamOf(graph: LayerGraph, name: string): ReadonlySet<string> {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const found = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === INPUT || found.has(next)) continue;
    found.add(next);
    waiting.push(...layers.get(next)!.inputs);
  }
  return found;
}

function noSuchLayer(graph: LayerGraph, name: string, allowed: readonly string[]): MethodError {
  return new MethodError({
    asked: `layer of "${graph.name}"`,
    got: `"${name}"`,
    allowed: allowed.join(', ') || 'no layer of this net',
  });
}
