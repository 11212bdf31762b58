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
import type { Conv2dLayer, DenseLayer } from './layer-graph.ts';
import { GIVEN, type KernelPart } from './layer-rules.ts';
import type { PlanLayer } from './pool-last.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import { isRectifier } from './rectifiers.ts';
import { backThroughRectifier, rectifyResponse } from './rectify.ts';
import { relevanceThrough } from './relevance.ts';
import type { RuleDefinition } from './rules.ts';
import type { Seed } from './seeds.ts';
import { transposedConvOfMaps } from './transposed-conv.ts';

/** A sweep of single classes. */
interface ClassSweep {
  readonly rule: RuleDefinition;
  readonly seed: Seed;
  /** Class indices; n of them. */
  readonly classes: readonly number[];
  /** Layers at whose outputs the responses are read: the first ends this tail. */
  readonly stops: ReadonlySet<string>;
}

/** Where the separable part of the way back ends. */
export type TailEnd = {
  /** The response stands at the output of this layer (or at the input). */
  readonly layer: string;
  /** [n*B, h, w, c], class outermost. */
  readonly response: Tensor4D;
  /** Whether that layer is a ReLU and the response is rectified already. */
  readonly rectified: boolean;
};

/**
 * The first steps back, while the response of class c is still one map times one vector, s_c[pixel] v_c[channel].
 *
 * The seed is of that form, v_c having a single 1, and stays so through a dense layer or a 1x1 convolution
 * (v_c W^T) and through ReLUs that keep or rectify s_c v_c where s_c >= 0 (v_c rectified). The first larger
 * convolution then costs one input channel instead of all of them: its kernel is contracted with v_c first. In
 * the paper's nets that saves the whole way back to that convolution's input; a thousand one-hot feature maps
 * are never made. Relevance is divided by z place by place, so for it only the first of these layers is in that form.
 */
export function separableTail(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  { rule, seed, classes, stops }: ClassSweep,
): TailEnd {
  let at = prepared.featureMap.layer;
  let maps = compactSeeds(trace.featureMap, seed, classes);
  let positive = seed !== 'activation';
  /** v_c, [n, c]; undefined while it is the class's own one-hot vector. */
  let vectors: Tensor2D | undefined;

  for (;;) {
    const layer = stops.has(at) ? undefined : prepared.layers.get(at);
    const fractions = layer && trace.fractions.get(at);
    if (fractions !== undefined && isContractible(layer)) {
      const [response] = relevanceThrough(
        fractions,
        (inverse) => mul(maps, channelsOf(inverse, classes)),
        (ratios, kernel) => [eachClassBack(prepared, trace, layer, ratios, kernel, classes)],
      );
      return { layer: layer.inputs[0]!, response: response!, rectified: false };
    }
    if (isRectifier(layer) && vectors === undefined) {
      const [height, width, channels] = prepared.featureMap.shape;
      const slope = trace.slopes.get(at);
      const spatial = slope && (reshape(slope, [trace.batch, height, width, channels]) as Tensor4D);
      maps = backThroughRectifier(layer, rule, maps, spatial && channelsOf(spatial, classes));
      positive ||= rule.rectifies && layer.type !== 'leakyRelu';
    } else if (isRectifier(layer) && !rule.masks && (positive || !rule.rectifies)) {
      if (rule.rectifies) vectors = rectifyResponse(layer, vectors!) as Tensor2D;
    } else if (layer?.type === 'dense' || (layer?.type === 'conv2d' && prepared.isPointwise(layer))) {
      const rows = prepared.kernelRows(at, GIVEN);
      vectors = vectors === undefined ? rowsOf(rows, classes) : matMul<Tensor2D>(vectors, rows);
    } else if (isContractible(layer) && layer.type === 'conv2d') {
      const contracted = prepared.transposedKernelRows(at, GIVEN);
      const kernels =
        vectors === undefined ? rowsOf(contracted, classes) : matMul<Tensor2D>(vectors, contracted);
      const rectified = rule.rectifies && prepared.takesReluAlone(layer) && !stops.has(layer.inputs[0]!);
      const response = convEachClass(prepared, trace, layer, maps, kernels, rectified);
      return { layer: layer.inputs[0]!, response, rectified };
    } else if (layer?.type !== 'dropout') {
      vectors ??= rowsOf(prepared.classIdentity(), classes);
      return { layer: at, response: product(prepared.spatialShape(at), maps, vectors), rectified: false };
    }
    at = layer.inputs[0]!;
  }
}

/** Whether a layer's kernel can be contracted with one vector a class. */
function isContractible(layer: PlanLayer | undefined): layer is Conv2dLayer | DenseLayer {
  return layer?.type === 'dense' || (layer?.type === 'conv2d' && (layer.groups ?? 1) === 1);
}

/** Each class's one-channel map, in the channel of its class, through a part of the layer's kernel. */
function eachClassBack(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  layer: Conv2dLayer | DenseLayer,
  maps: Tensor,
  kernel: KernelPart,
  classes: readonly number[],
): Tensor4D {
  if (layer.type === 'dense' || prepared.isPointwise(layer)) {
    const rows = rowsOf(prepared.kernelRows(layer.name, kernel), classes);
    return product(prepared.spatialShape(layer.name), maps, rows);
  }
  const kernels = rowsOf(prepared.transposedKernelRows(layer.name, kernel), classes);
  return convEachClass(prepared, trace, layer, maps, kernels, false);
}

/** s_c[pixel] v_c[channel]: [n, B*h*w, 1] and [n, c] to [n*B, h, w, c]. */
function product([height, width]: readonly number[], maps: Tensor, vectors: Tensor2D): Tensor4D {
  const [count, channels] = vectors.shape;
  const values = mul(maps, reshape(vectors, [count, 1, channels]));
  return reshape(values, [-1, height!, width!, channels]);
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
    prepared.transposedConv(layer.name, GIVEN),
    spatial,
    kernels,
    rectifies ? 'relu' : 'linear',
  );
}

/** The rows of the asked classes, [N, c] to [n, c]. */
function rowsOf(matrix: Tensor2D, classes: readonly number[]): Tensor2D {
  return gather(matrix, tensor1d(classes as number[], 'int32'));
}
