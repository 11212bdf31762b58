import {
  type AxisGeometry,
  type Conv2dLayer,
  GIVEN,
  INPUT,
  type KernelPart,
  type WindowGeometry,
} from '@clearmaps/deconvnet/graph';
import type { GraphBuilder } from './graph-builder.ts';
import type { Net } from './net.ts';
import type { Sweep } from './sweep.ts';
import { adjointAttributes, windowAttributes } from './window-attributes.ts';

/**
 * The transpose of a convolution: [B*g, out, oh, ow] to [B*g, in, h, w].
 *
 * With stride 1 it is a convolution with the kernel turned round and its channels exchanged, which runtimes have
 * faster code for than for ConvTranspose. The turning is written into the graph, on a constant that the forward
 * pass has anyway: files stay half as large, and a runtime does it once, when it loads the graph.
 */
export function transposedConv(
  sweep: Sweep,
  layer: Conv2dLayer,
  response: string,
  part: KernelPart = GIVEN,
): string {
  const { net } = sweep;
  const { builder } = net;
  const geometry = net.plan.convGeometry(layer);
  const { kernel, channels, groups } = backKernel(sweep, layer, part);
  if (!turns(geometry) || channels === 1) {
    return builder.op('ConvTranspose', [response, kernel], { ...adjointAttributes(geometry), group: groups });
  }
  const exchanged = exchangeChannels(builder, kernel, layer);
  return builder.op('Conv', [response, turned(net, exchanged, layer)], {
    ...turnedAttributes(geometry),
    group: groups,
  });
}

/**
 * The same for responses that are one map times one vector each: the kernel contracted with a class's vector has
 * one channel in, and the g classes are g groups.
 *
 * @param layer a convolution without groups
 * @param maps [B, g, oh, ow]
 * @param vectors see {@link Sweep.rowsAtFirst}, [., out]; undefined for the classes' own one-hot vectors
 */
export function transposedConvOfProducts(
  sweep: Sweep,
  layer: Conv2dLayer,
  maps: string,
  vectors: string | undefined,
  part: KernelPart = GIVEN,
): string {
  const { net, group } = sweep;
  const { builder } = net;
  const geometry = net.plan.convGeometry(layer);
  const [height, width, , channelsOut] = layer.kernel.shape as [number, number, number, number];
  const { kernel, channels } = backKernel(sweep, layer, part);
  const contracted =
    vectors === undefined
      ? builder.op('Gather', [kernel, sweep.classes.indices], { axis: 0 })
      : sweep.rowsAtLast(
          builder.op('MatMul', [vectors, builder.reshape(kernel, [channelsOut, channels * height * width])]),
        );
  const response = !turns(geometry)
    ? builder.op('ConvTranspose', [maps, builder.reshape(contracted, [group, channels, height, width])], {
        ...adjointAttributes(geometry),
        group,
      })
    : builder.op(
        'Conv',
        [maps, turned(net, builder.reshape(contracted, [group * channels, 1, height, width]), layer)],
        { ...turnedAttributes(geometry), group },
      );
  return group === 1
    ? response
    : builder.reshape(response, [-1, channels, geometry.y.input, geometry.x.input]);
}

/** Whether the transpose is a convolution with stride 1 that pads: a border wider than the kernel would be cut off. */
function turns({ y, x }: WindowGeometry): boolean {
  return [y, x].every(
    ({ stride, kernel, dilation, padBefore, padAfter }) =>
      stride === 1 && Math.max(padBefore, padAfter) <= (kernel - 1) * dilation,
  );
}

/** [out, in / groups, kh, kw]; [out, 1, kh, kw], without groups, where the channels of the image are summed. */
function backKernel(
  sweep: Sweep,
  layer: Conv2dLayer,
  part: KernelPart,
): { kernel: string; channels: number; groups: number } {
  const kernel = sweep.net.kernel(layer, part);
  const { groups = 1 } = layer;
  const perGroup = layer.kernel.shape[2]!;
  if (!sweep.sumsImage || layer.inputs[0] !== INPUT) return { kernel, channels: perGroup * groups, groups };
  const { builder } = sweep.net;
  const summed =
    perGroup === 1 ? kernel : builder.op('ReduceSum', [kernel, builder.ints([1])], { keepdims: 1 });
  return { kernel: summed, channels: 1, groups: 1 };
}

/** [out, in / groups, kh, kw] to [in, out / groups, kh, kw]. */
function exchangeChannels(
  builder: GraphBuilder,
  kernel: string,
  { kernel: { shape }, groups = 1 }: Conv2dLayer,
) {
  if (groups === 1) return builder.op('Transpose', [kernel], { perm: [1, 0, 2, 3] });
  const [height, width, channelsIn, channelsOut] = shape as [number, number, number, number];
  const perGroup = channelsOut / groups;
  const grouped = builder.reshape(kernel, [groups, perGroup, channelsIn, height * width]);
  return builder.reshape(builder.op('Transpose', [grouped], { perm: [0, 2, 1, 3] }), [
    groups * channelsIn,
    perGroup,
    height,
    width,
  ]);
}

/** Rows and columns of a kernel [.., .., kh, kw] in reverse. */
function turned(net: Net, kernel: string, layer: Conv2dLayer): string {
  const { builder } = net;
  const axes = [2, 3].filter((axis) => layer.kernel.shape[axis - 2]! > 1);
  if (axes.length === 0) return kernel;
  const all = (value: number) => builder.ints(axes.map(() => value));
  return builder.op('Slice', [kernel, all(-1), all(BEFORE_THE_FIRST), builder.ints(axes), all(-1)]);
}

/** Slice counts negative ends from the back; this one is before any beginning. */
const BEFORE_THE_FIRST = -(2 ** 31);

/** Of the convolution that is the transpose of one with stride 1. */
function turnedAttributes({ y, x }: WindowGeometry) {
  const axis = (geometry: AxisGeometry): AxisGeometry => {
    const reach = (geometry.kernel - 1) * geometry.dilation;
    return { ...geometry, padBefore: reach - geometry.padBefore, padAfter: reach - geometry.padAfter };
  };
  return windowAttributes({ y: axis(y), x: axis(x) });
}
