import { type FeatureMap, findFeatureMap } from './feature-map.ts';
import type { Conv2dLayer, Layer, LayerGraph, Pair, PoolLayer } from './layer-graph.ts';
import { type Shape, validateGraph } from './validate-graph.ts';
import { type WindowGeometry, windowGeometry } from './window-geometry.ts';

/** A checked LayerGraph with what every engine asks of it: shapes, readers, windows, the feature map. */
export class GraphPlan {
  readonly graph: LayerGraph;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly featureMap: FeatureMap;
  readonly layers: ReadonlyMap<string, Layer>;
  /** Names of the layers that take a layer's output, by the layer's name. */
  readonly consumers: ReadonlyMap<string, readonly string[]>;

  /**
   * @param rewrite gives an equal layer in the form that an engine can run
   * @throws GraphError, UnsupportedLayerError: see {@link validateGraph} and {@link findFeatureMap}.
   */
  constructor(graph: LayerGraph, rewrite: (layer: Layer) => Layer = (layer) => layer) {
    this.shapes = validateGraph(graph);
    this.graph = { ...graph, layers: graph.layers.map(rewrite) };
    this.featureMap = findFeatureMap(this.graph, this.shapes);
    this.layers = new Map(this.graph.layers.map((layer) => [layer.name, layer]));
    const consumers = new Map<string, string[]>([...this.shapes.keys()].map((name) => [name, []]));
    for (const layer of this.graph.layers)
      for (const input of layer.inputs) consumers.get(input)!.push(layer.name);
    this.consumers = consumers;
  }

  /** Number of classes N. */
  get classCount(): number {
    return this.featureMap.shape[2];
  }

  convGeometry(layer: Conv2dLayer): WindowGeometry {
    const kernelSize = layer.kernel.shape.slice(0, 2) as unknown as Pair;
    const { strides, dilations = [1, 1], padding } = layer;
    return windowGeometry(this.inputShape(layer), kernelSize, strides, dilations, padding);
  }

  poolGeometry(layer: PoolLayer): WindowGeometry {
    return windowGeometry(this.inputShape(layer), layer.poolSize, layer.strides, [1, 1], layer.padding);
  }

  inputShape(layer: Layer): Shape {
    return this.shapes.get(layer.inputs[0]!)!;
  }

  /** Shape of a layer's output as [h, w, c]; rank 1 counts as [1, 1, c]. */
  spatialShape(name: string): readonly [number, number, number] {
    const shape = this.shapes.get(name)!;
    return (shape.length === 1 ? [1, 1, shape[0]] : shape) as [number, number, number];
  }
}
