import {
  type Conv2dLayer,
  findFeatureMap,
  GraphError,
  INPUT,
  type Layer,
  type LayerGraph,
  validateGraph,
} from '@clearmaps/deconvnet/graph';
import { mulberry32 } from '@clearmaps/random';
import { untrainedConv } from './untrained-conv.ts';

export interface NewHeadOptions {
  /** One kernel each in the last convolution, at least two. */
  readonly classNames: readonly string[];
  /** Of the first values of new layers before the last, whose own are 0: any integer; default 0. */
  readonly seed?: number;
}

/** A net for other classes, and where it is new. */
export interface NetWithHead {
  readonly graph: LayerGraph;
  /** The first new layer: what comes before it is as trained. */
  readonly head: string;
}

// Table 4 of the paper, what follows the five poolings of VGG16: [side of the square kernel, number of kernels].
const TABLE_4_END = [
  [3, 512],
  [1, 512],
] as const;

/**
 * Gives a trained net other classes, with untrained weights where they are decided.
 *
 * A net without a head, as VGG16's `notop` file, gets the last rows of Table 4 (Kumar, Wong & Taylor 2017, appendix):
 * two convolutions of 512 kernels with ReLUs, and one with a kernel a class, averaged. In a net that ends in a
 * convolution with a kernel a class, only that one is replaced, and a ReLU behind it left out, so that z_L has signs.
 *
 * @throws GraphError for a net that ends in neither, and fewer than two classes.
 */
export function withNewHead(graph: LayerGraph, { classNames, seed = 0 }: NewHeadOptions): NetWithHead {
  if (classNames.length < 2) {
    throw new GraphError({ asked: 'classes of a new head', got: `${classNames.length}`, allowed: 'from 2' });
  }
  const shapes = validateGraph(graph);
  const next = mulberry32(seed);
  const output = graph.layers.at(-1)?.name ?? INPUT;
  const headless = shapes.get(output)?.length === 3;
  const classes = headless ? undefined : classConv(graph);
  const layers: Layer[] = classes
    ? graph.layers.slice(0, graph.layers.indexOf(classes))
    : graph.layers.slice();
  let last = classes ? classes.inputs[0]! : output;
  let channels = shapes.get(last)!.at(-1)!;
  const conv = (name: string, side: number, kernels: number, from?: () => number): void => {
    layers.push(untrainedConv(name, last, [side, side, channels, kernels], from));
    last = name;
    channels = kernels;
  };
  if (headless) {
    for (const [i, [side, kernels]] of TABLE_4_END.entries()) {
      conv(`head_${i + 1}`, side, kernels, next);
      layers.push({ type: 'relu', name: `head_${i + 1}_relu`, inputs: [last] });
      last = `head_${i + 1}_relu`;
    }
  }
  // Undecided at first: guesses at random would send gradients as random through the trained layers below.
  conv('head_classes', 1, classNames.length);
  layers.push({ type: 'globalAveragePool2d', name: 'head_pool', inputs: [last] });
  layers.push({ type: 'softmax', name: 'head_softmax', inputs: ['head_pool'] });
  const made = { ...graph, layers, classNames };
  validateGraph(made);
  return { graph: made, head: headless ? 'head_1' : 'head_classes' };
}

/** The 1x1 convolution with a kernel a class at the end of a net. */
function classConv(graph: LayerGraph): Conv2dLayer {
  const byName = new Map(graph.layers.map((layer) => [layer.name, layer]));
  let layer = byName.get(findFeatureMap(graph, validateGraph(graph)).layer);
  if (layer?.type === 'relu') layer = byName.get(layer.inputs[0]!);
  if (layer?.type === 'conv2d') return layer;
  throw new GraphError({
    asked: `graph "${graph.name}": the convolution with a kernel a class`,
    got: `"${layer?.name}" (${layer?.type})`,
    allowed:
      'a net that ends in such a convolution and global average pooling, or one without a head (notop)',
  });
}
