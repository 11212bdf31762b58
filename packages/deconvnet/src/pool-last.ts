import type {
  AffineLayer,
  DenseLayer,
  DropoutLayer,
  FlattenLayer,
  GlobalAveragePoolLayer,
  Layer,
  LayerGraph,
} from './layer-graph.ts';
import { isRectifier, type Rectifier } from './rectifiers.ts';
import type { Shape } from './validate-graph.ts';

/**
 * A rectifier f behind the global average pooling, brought before it: per image and channel it is the line that f
 * follows at the mean m of the channel's map, y = x f'(m) + f(m) - m f'(m). So the mean of y is f(m), and the layer
 * is linear where the image does not change which pieces of f its means fall on.
 */
export interface MeanGateLayer {
  readonly type: 'meanGate';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly rectifier: Rectifier;
}

/** What engines run: layers of a graph, and those that take the place of some. */
export type PlanLayer = Layer | MeanGateLayer;
export type PlanLayerType = PlanLayer['type'];

/**
 * An equal net whose global average pooling comes last, where dense layers follow it: a mean goes through a dense or
 * an affine layer unchanged, so those become 1x1 convolutions and affine layers of the map that the pooling received,
 * and ReLUs between them {@link MeanGateLayer}s. The net then ends as CLEAR wants it (section 3): a feature map with
 * one channel a class, whose mean is the class score.
 *
 * Names stay; only the pooling moves behind the head, in front of the softmax. Other nets stay as they are.
 *
 * @param graph one that `validateGraph` accepts, and the shapes that it infers
 */
export function poolLast(
  graph: LayerGraph,
  shapes: ReadonlyMap<string, Shape>,
): { readonly layers: readonly PlanLayer[]; readonly shapes: ReadonlyMap<string, Shape> } {
  const chain = pooledChain(graph);
  if (chain === undefined) return { layers: graph.layers, shapes };
  const [pool, ...head] = chain;
  const sizes = new Map(shapes);
  const [height, width] = shapes.get(pool.inputs[0]!) as [number, number];
  let at = pool.inputs[0]!;
  const onMap: PlanLayer[] = [];
  for (const layer of head) {
    if (layer.type === 'flatten') {
      sizes.delete(layer.name);
      continue;
    }
    onMap.push(beforePool(layer, [at]));
    at = layer.name;
    sizes.set(at, [height, width, shapes.get(at)![0]!]);
  }
  sizes.set(pool.name, [sizes.get(at)![2]!]);
  const replaced = new Set<Layer>(chain);
  const below = graph.layers.filter((layer) => !replaced.has(layer) && layer.type !== 'softmax');
  const softmax = graph.layers.filter((layer) => layer.type === 'softmax');
  return {
    layers: [
      ...below,
      ...onMap,
      { ...pool, inputs: [at] },
      ...softmax.map((layer) => ({ ...layer, inputs: [pool.name] })),
    ],
    shapes: sizes,
  };
}

type HeadLayer = DenseLayer | AffineLayer | DropoutLayer | FlattenLayer | Rectifier;

/**
 * The pooling and what follows it up to the class scores, where that is a chain that does something. Nobody else
 * takes what stands in it: another way to the output would have to end in the chain.
 */
function pooledChain(graph: LayerGraph): [GlobalAveragePoolLayer, ...HeadLayer[]] | undefined {
  const byName = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const last = graph.layers.at(-1)!;
  const head: HeadLayer[] = [];
  let layer = last.type === 'softmax' ? byName.get(last.inputs[0]!) : last;
  while (layer !== undefined && isHeadLayer(layer)) {
    head.unshift(layer);
    layer = byName.get(layer.inputs[0]!);
  }
  const idle = head.every(({ type }) => type === 'dropout' || type === 'flatten');
  return layer?.type === 'globalAveragePool2d' && !idle ? [layer, ...head] : undefined;
}

function isHeadLayer(layer: Layer): layer is HeadLayer {
  return isRectifier(layer) || ['dense', 'affine', 'dropout', 'flatten'].includes(layer.type);
}

function beforePool(layer: Exclude<HeadLayer, FlattenLayer>, inputs: readonly string[]): PlanLayer {
  if (isRectifier(layer)) return { type: 'meanGate', name: layer.name, inputs, rectifier: layer };
  if (layer.type !== 'dense') return { ...layer, inputs };
  const { name, kernel, bias } = layer;
  return {
    type: 'conv2d',
    name,
    inputs,
    kernel: { shape: [1, 1, ...kernel.shape], values: kernel.values },
    bias,
    strides: [1, 1],
    padding: 'valid',
  };
}
