import {
  concat,
  gather,
  matMul,
  mul,
  relu,
  reshape,
  slice,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import { backThroughRelu } from './back-through-relu.ts';
import { channelsOf, compactSeeds } from './compact-seeds.ts';
import type { ForwardTrace } from './forward.ts';
import type { Conv2dLayer } from './layer-graph.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import { RULES, type Rule } from './rules.ts';
import type { Seed } from './seeds.ts';
import { transposedConv } from './transposed-conv.ts';

/** One sweep: a rule, a seed and the classes whose responses travel together as the batch. */
export interface Sweep {
  readonly rule: Rule;
  readonly seed: Seed;
  /** Class indices; n of them. */
  readonly classes: readonly number[];
}

/** Where the separable part of the way back ends. */
export interface TailEnd {
  /** The response stands at the output of this layer (or at the input). */
  readonly layer: string;
  /** [n*B, h, w, c], class outermost. */
  readonly response: Tensor4D;
}

/**
 * The first steps back, while the response of class c is still one map times one vector, s_c[pixel] v_c[channel].
 *
 * The seed is of that form, v_c having a single 1, and stays so through a dense layer or a 1x1 convolution
 * (v_c W^T) and through ReLUs that keep or rectify s_c v_c where s_c >= 0 (v_c rectified). The first larger
 * convolution then costs one input channel instead of all of them: its kernel is contracted with v_c first. In
 * the paper's nets that saves the whole way back to that convolution's input; a thousand one-hot feature maps
 * are never made.
 */
export function separableTail(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  { rule, seed, classes }: Sweep,
): TailEnd {
  const definition = RULES[rule];
  let at = prepared.featureMap.layer;
  let maps = compactSeeds(trace.featureMap, seed, classes);
  let positive = seed !== 'activation';
  /** v_c, [n, c]; undefined while it is the class's own one-hot vector. */
  let vectors: Tensor2D | undefined;

  for (;;) {
    const layer = prepared.layers.get(at);
    if (layer?.type === 'relu' && vectors === undefined) {
      const [height, width, channels] = prepared.featureMap.shape;
      const mask = trace.reluMasks.get(at);
      const spatial = mask && (reshape(mask, [trace.batch, height, width, channels]) as Tensor4D);
      maps = backThroughRelu(definition, maps, spatial && channelsOf(spatial, classes));
      positive ||= definition.rectifies;
    } else if (layer?.type === 'relu' && !definition.masks && (positive || !definition.rectifies)) {
      if (definition.rectifies) vectors = relu(vectors!);
    } else if (layer?.type === 'dense' || (layer?.type === 'conv2d' && isPointwise(layer))) {
      const rows = prepared.kernelRows(at);
      vectors = vectors === undefined ? rowsOf(rows, classes) : matMul<Tensor2D>(vectors, rows);
    } else if (layer?.type === 'conv2d') {
      const contracted = prepared.transposedKernelRows(at);
      const kernels =
        vectors === undefined ? rowsOf(contracted, classes) : matMul<Tensor2D>(vectors, contracted);
      return { layer: layer.inputs[0]!, response: convEachClass(prepared, trace, layer, maps, kernels) };
    } else if (layer?.type !== 'dropout') {
      const [height, width, channels] = prepared.spatialShape(at);
      vectors ??= rowsOf(prepared.classIdentity(), classes);
      const product = mul(maps, reshape(vectors, [classes.length, 1, channels]));
      return {
        layer: at,
        response: reshape(product, [classes.length * trace.batch, height, width, channels]),
      };
    }
    at = layer.inputs[0]!;
  }
}

/** Each class's one-channel map through its own contracted kernel. */
function convEachClass(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  layer: Conv2dLayer,
  maps: Tensor,
  kernels: Tensor2D,
): Tensor4D {
  const conv = prepared.transposedConv(layer.name);
  const [tapsY, tapsX, , phased] = conv.kernel.shape;
  const [height, width] = prepared.spatialShape(layer.name);
  const classes = maps.shape[0]!;
  const map = reshape(maps, [classes, trace.batch, height, width]) as Tensor4D;
  const responses = Array.from({ length: classes }, (_, c) =>
    transposedConv(
      conv,
      reshape(slice(map, [c, 0, 0, 0], [1, trace.batch, height, width]), [trace.batch, height, width, 1]),
      reshape(slice(kernels, [c, 0], [1, kernels.shape[1]]), [tapsY, tapsX, 1, phased]),
    ),
  );
  return concat(responses, 0);
}

function isPointwise(layer: Conv2dLayer): boolean {
  return [...layer.kernel.shape.slice(0, 2), ...layer.strides].every((size) => size === 1);
}

/** The rows of the asked classes, [N, c] to [n, c]. */
function rowsOf(matrix: Tensor2D, classes: readonly number[]): Tensor2D {
  return gather(matrix, tensor1d(classes as number[], 'int32'));
}
