import {
  type Conv2dLayer,
  type DenseLayer,
  GIVEN,
  isRectifier,
  type KernelPart,
  type PlanLayer,
} from '@clearmaps/deconvnet/graph';
import { DATA_TYPE } from './onnx-proto.ts';
import { rectifyResponse } from './rectifiers.ts';
import { relevanceThrough } from './relevance.ts';
import { writeSeeds } from './seeds.ts';
import type { Sweep } from './sweep.ts';
import { transposedConvOfProducts } from './transposed-conv.ts';

/** Where the separable part of the way back ends. */
export interface TailEnd {
  /** The response stands at the output of this layer (or at the input). */
  readonly layer: string;
  /** [B*g, C, h, w]. */
  readonly response: string;
}

/**
 * The first steps back, while the response of class c is one map times one vector, s_c[pixel] v_c[channel]: the
 * short cut that @clearmaps/deconvnet takes, see its separable-tail.ts. Nothing that is known of a class before an
 * image comes is left for later: runtimes compute it once, when they load the graph.
 */
export function writeSeparableTail(sweep: Sweep): TailEnd {
  const { net, trace, options, rule, stops } = sweep;
  const { builder, plan } = net;
  let at = plan.featureMap.layer;
  /** [B, g, h, w]. */
  let maps = writeSeeds(sweep, sweep.channels(trace.featureMap()), sweep.group);
  let positive = options.seed !== 'activation';
  /** v_c, see {@link Sweep.rowsAtFirst}, [., c]; undefined while it is the class's own one-hot vector. */
  let vectors: string | undefined;

  for (;;) {
    const layer = stops.has(at) ? undefined : net.layer(at);
    if (isContractible(layer) && sweep.shares.has(at)) {
      const [response] = relevanceThrough(
        sweep,
        layer,
        (inverse) => builder.op('Mul', [maps, sweep.channels(inverse)]),
        (ratios, kernel) => [eachClassBack(sweep, layer, ratios, kernel)],
      );
      return { layer: layer.inputs[0]!, response: response! };
    }
    if (isRectifier(layer) && vectors === undefined) {
      if (rule.rectifies && !positive) maps = rectifyResponse(net, layer, maps);
      if (rule.masks) maps = builder.op('Mul', [maps, sweep.channels(trace.slope(layer))]);
      positive ||= rule.rectifies && layer.type !== 'leakyRelu';
    } else if (isRectifier(layer) && !rule.masks && (positive || !rule.rectifies)) {
      if (rule.rectifies) vectors = rectifyResponse(net, layer, vectors!);
    } else if (layer?.type === 'dense') {
      vectors =
        vectors === undefined
          ? sweep.rowsAtFirst(kernelRows(sweep, layer, GIVEN))
          : builder.op('Gemm', [vectors, net.kernel(layer)], { transB: 1 });
    } else if (layer?.type === 'conv2d' && plan.isPointwise(layer)) {
      const rows = kernelRows(sweep, layer, GIVEN);
      vectors = vectors === undefined ? sweep.rowsAtFirst(rows) : builder.op('MatMul', [vectors, rows]);
    } else if (isContractible(layer) && layer.type === 'conv2d') {
      return { layer: layer.inputs[0]!, response: transposedConvOfProducts(sweep, layer, maps, vectors) };
    } else if (layer?.type !== 'dropout') {
      return {
        layer: at,
        response: product(
          sweep,
          plan.spatialShape(at),
          maps,
          vectors === undefined ? oneHot(sweep) : sweep.rowsAtLast(vectors),
        ),
      };
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
  sweep: Sweep,
  layer: Conv2dLayer | DenseLayer,
  maps: string,
  kernel: KernelPart,
): string {
  if (layer.type === 'conv2d' && !sweep.net.plan.isPointwise(layer)) {
    return transposedConvOfProducts(sweep, layer, maps, undefined, kernel);
  }
  const rows = sweep.rowsAtLast(sweep.rowsAtFirst(kernelRows(sweep, layer, kernel)));
  const [height, width] = sweep.net.plan.spatialShape(layer.name);
  return product(sweep, [height, width, layer.kernel.shape.at(-2)!], maps, rows);
}

/** The kernel of a dense layer or a 1x1 convolution as [out, in]. */
function kernelRows({ net }: Sweep, layer: Conv2dLayer | DenseLayer, part: KernelPart): string {
  const kernel = net.kernel(layer, part);
  if (layer.type === 'dense') return net.builder.op('Transpose', [kernel], { perm: [1, 0] });
  return net.builder.reshape(kernel, [layer.kernel.shape[3]!, layer.kernel.shape[2]!]);
}

/** s_c[pixel] v_c[channel]: [B, g, h, w] and [g, C] to [B*g, C, h, w]. */
function product(
  { net: { builder }, group }: Sweep,
  [height, width, channels]: readonly [number, number, number],
  maps: string,
  vectors: string,
): string {
  const values = builder.op('Mul', [
    builder.reshape(maps, [-1, group, 1, height * width]),
    builder.reshape(vectors, [1, group, channels, 1]),
  ]);
  return builder.reshape(values, [-1, channels, height, width]);
}

/** [g, N]. */
function oneHot({ net: { builder, plan }, classes, group }: Sweep): string {
  const equal = builder.op('Equal', [
    builder.reshape(classes.indices, [group, 1]),
    builder.ints([...Array(plan.classCount).keys()], [1, plan.classCount]),
  ]);
  return builder.op('Cast', [equal], { to: DATA_TYPE.float32 });
}
