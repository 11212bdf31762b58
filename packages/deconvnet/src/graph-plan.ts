import { type FeatureMap, findFeatureMap } from './feature-map.ts';
import type { Conv2dLayer, LayerGraph, Pair, PoolLayer } from './layer-graph.ts';
import { type PlanLayer, poolLast } from './pool-last.ts';
import { type Shape, validateGraph } from './validate-graph.ts';
import { type WindowGeometry, windowGeometry } from './window-geometry.ts';

/**
 * A checked LayerGraph with what every engine asks of it: an equal net in the form that engines run, its shapes,
 * readers and windows, the feature map.
 */
export class GraphPlan {
  /** As it came. */
  readonly graph: LayerGraph;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly featureMap: FeatureMap;
  /** By name, in topological order; {@link poolLast} says in what they differ from those of the graph. */
  readonly layers: ReadonlyMap<string, PlanLayer>;
  /** The same before the engine rewrote them. */
  readonly originals: ReadonlyMap<string, PlanLayer>;
  /** Names of the layers that take a layer's output, by the layer's name. */
  readonly consumers: ReadonlyMap<string, readonly string[]>;

  /**
   * @param rewrite gives an equal layer in the form that an engine can run
   * @throws GraphError, UnsupportedLayerError: see {@link validateGraph} and {@link findFeatureMap}.
   */
  constructor(graph: LayerGraph, rewrite: (layer: PlanLayer) => PlanLayer = (layer) => layer) {
    const shapes = validateGraph(graph);
    const net = poolLast(graph, shapes);
    this.graph = graph;
    this.shapes = net.shapes;
    this.featureMap = findFeatureMap(graph, shapes);
    this.originals = new Map(net.layers.map((layer) => [layer.name, layer]));
    this.layers = new Map(net.layers.map((layer) => [layer.name, rewrite(layer)]));
    const consumers = new Map<string, string[]>([...this.shapes.keys()].map((name) => [name, []]));
    for (const layer of net.layers) for (const input of layer.inputs) consumers.get(input)!.push(layer.name);
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

  /** Whether a convolution is one matrix product a pixel. */
  isPointwise(layer: Conv2dLayer): boolean {
    const { y, x } = this.convGeometry(layer);
    const onePixel = [y, x].every(
      (axis) => axis.kernel === 1 && axis.stride === 1 && axis.output === axis.input,
    );
    return onePixel && (layer.groups ?? 1) === 1;
  }

  inputShape(layer: PlanLayer): Shape {
    return this.shapes.get(layer.inputs[0]!)!;
  }

  /** Shape of a layer's output as [h, w, c]; rank 1 counts as [1, 1, c]. */
  spatialShape(name: string): readonly [number, number, number] {
    const shape = this.shapes.get(name)!;
    return (shape.length === 1 ? [1, 1, shape[0]] : shape) as [number, number, number];
  }
}
