import { isRectifier, RULES } from '@clearmaps/deconvnet/graph';
import { DATA_TYPE } from './onnx-proto.ts';
import { rectifyResponse } from './rectifiers.ts';
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
  const { net, trace, options, group } = sweep;
  const { builder, plan } = net;
  const rule = RULES[options.rule];
  let at = plan.featureMap.layer;
  /** [B, g, h, w]. */
  let maps = writeSeeds(sweep, sweep.channels(trace.featureMap()), group);
  let positive = options.seed !== 'activation';
  /** v_c, see {@link Sweep.rowsAtFirst}, [., c]; undefined while it is the class's own one-hot vector. */
  let vectors: string | undefined;

  for (;;) {
    const layer = net.layer(at);
    if (isRectifier(layer) && vectors === undefined) {
      if (rule.rectifies && !positive) maps = rectifyResponse(builder, layer, maps);
      if (rule.masks) maps = builder.op('Mul', [maps, sweep.channels(trace.slope(layer))]);
      positive ||= rule.rectifies && layer.type !== 'leakyRelu';
    } else if (isRectifier(layer) && !rule.masks && (positive || !rule.rectifies)) {
      if (rule.rectifies) vectors = rectifyResponse(builder, layer, vectors!);
    } else if (layer?.type === 'dense') {
      vectors =
        vectors === undefined
          ? sweep.rowsAtFirst(builder.op('Transpose', [net.kernel(layer)], { perm: [1, 0] }))
          : builder.op('Gemm', [vectors, net.kernel(layer)], { transB: 1 });
    } else if (layer?.type === 'conv2d' && plan.isPointwise(layer)) {
      const rows = builder.reshape(net.kernel(layer), [layer.kernel.shape[3]!, layer.kernel.shape[2]!]);
      vectors = vectors === undefined ? sweep.rowsAtFirst(rows) : builder.op('MatMul', [vectors, rows]);
    } else if (layer?.type === 'conv2d' && (layer.groups ?? 1) === 1) {
      return { layer: layer.inputs[0]!, response: transposedConvOfProducts(sweep, layer, maps, vectors) };
    } else if (layer?.type !== 'dropout') {
      const [height, width, channels] = plan.spatialShape(at);
      const product = builder.op('Mul', [
        builder.reshape(maps, [-1, group, 1, height * width]),
        builder.reshape(vectors === undefined ? oneHot(sweep) : sweep.rowsAtLast(vectors), [
          1,
          group,
          channels,
          1,
        ]),
      ]);
      return { layer: at, response: builder.reshape(product, [-1, channels, height, width]) };
    }
    at = layer.inputs[0]!;
  }
}

/** [g, N]. */
function oneHot({ net: { builder, plan }, classes, group }: Sweep): string {
  const equal = builder.op('Equal', [
    builder.reshape(classes.indices, [group, 1]),
    builder.ints([...Array(plan.classCount).keys()], [1, plan.classCount]),
  ]);
  return builder.op('Cast', [equal], { to: DATA_TYPE.float32 });
}
