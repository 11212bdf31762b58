import {
  gather,
  matMul,
  mul,
  reshape,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
  transpose,
} from '@tensorflow/tfjs-core';
import { channelsOf, compactSeeds } from './compact-seeds.ts';
import type { ForwardTrace } from './forward.ts';
import type { Conv2dLayer } from './layer-graph.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import { isRectifier } from './rectifiers.ts';
import { backThroughRectifier, rectifyResponse } from './rectify.ts';
import { RULES, type Rule } from './rules.ts';
import type { Seed } from './seeds.ts';
import { transposedConvOfMaps } from './transposed-conv.ts';

/** A sweep of single classes. */
interface ClassSweep {
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
  /** Whether that layer is a ReLU and the response is rectified already. */
  readonly rectified: boolean;
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
  { rule, seed, classes }: ClassSweep,
): TailEnd {
  const definition = RULES[rule];
  let at = prepared.featureMap.layer;
  let maps = compactSeeds(trace.featureMap, seed, classes);
  let positive = seed !== 'activation';
  /** v_c, [n, c]; undefined while it is the class's own one-hot vector. */
  let vectors: Tensor2D | undefined;

  for (;;) {
    const layer = prepared.layers.get(at);
    if (isRectifier(layer) && vectors === undefined) {
      const [height, width, channels] = prepared.featureMap.shape;
      const slope = trace.slopes.get(at);
      const spatial = slope && (reshape(slope, [trace.batch, height, width, channels]) as Tensor4D);
      maps = backThroughRectifier(layer, definition, maps, spatial && channelsOf(spatial, classes));
      positive ||= definition.rectifies && layer.type !== 'leakyRelu';
    } else if (isRectifier(layer) && !definition.masks && (positive || !definition.rectifies)) {
      if (definition.rectifies) vectors = rectifyResponse(layer, vectors!) as Tensor2D;
    } else if (layer?.type === 'dense' || (layer?.type === 'conv2d' && prepared.isPointwise(layer))) {
      const rows = prepared.kernelRows(at);
      vectors = vectors === undefined ? rowsOf(rows, classes) : matMul<Tensor2D>(vectors, rows);
    } else if (layer?.type === 'conv2d' && (layer.groups ?? 1) === 1) {
      const contracted = prepared.transposedKernelRows(at);
      const kernels =
        vectors === undefined ? rowsOf(contracted, classes) : matMul<Tensor2D>(vectors, contracted);
      const rectified = definition.rectifies && prepared.takesReluAlone(layer);
      const response = convEachClass(prepared, trace, layer, maps, kernels, rectified);
      return { layer: layer.inputs[0]!, response, rectified };
    } else if (layer?.type !== 'dropout') {
      const [height, width, channels] = prepared.spatialShape(at);
      vectors ??= rowsOf(prepared.classIdentity(), classes);
      const product = mul(maps, reshape(vectors, [classes.length, 1, channels]));
      return {
        layer: at,
        response: reshape(product, [classes.length * trace.batch, height, width, channels]),
        rectified: false,
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
  rectifies: boolean,
): Tensor4D {
  const [height, width] = prepared.spatialShape(layer.name);
  const classes = maps.shape[0]!;
  const side = transpose(reshape(maps, [classes, trace.batch * height * width]), [1, 0]);
  const spatial: Tensor4D = reshape(side, [trace.batch, height, width, classes]);
  return transposedConvOfMaps(
    prepared.transposedConv(layer.name),
    spatial,
    kernels,
    rectifies ? 'relu' : 'linear',
  );
}

/** The rows of the asked classes, [N, c] to [n, c]. */
function rowsOf(matrix: Tensor2D, classes: readonly number[]): Tensor2D {
  return gather(matrix, tensor1d(classes as number[], 'int32'));
}
