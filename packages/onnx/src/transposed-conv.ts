import { type AxisGeometry, type Conv2dLayer, INPUT } from '@clearmaps/deconvnet/graph';
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
export function transposedConv(sweep: Sweep, layer: Conv2dLayer, response: string): string {
  const { net } = sweep;
  const { builder } = net;
  const { y, x } = net.plan.convGeometry(layer);
  const { kernel, channels } = backKernel(sweep, layer);
  if (strided(layer) || channels === 1) {
    return builder.op('ConvTranspose', [response, kernel], adjointAttributes({ y, x }));
  }
  const exchanged = builder.op('Transpose', [kernel], { perm: [1, 0, 2, 3] });
  return builder.op('Conv', [response, turned(net, exchanged, layer)], turnedAttributes({ y, x }));
}

/**
 * The same for responses that are one map times one vector each: the kernel contracted with a class's vector has
 * one channel in, and the g classes are g groups.
 *
 * @param maps [B, g, oh, ow]
 * @param vectors see {@link Sweep.rowsAtFirst}, [., out]; undefined for the classes' own one-hot vectors
 */
export function transposedConvOfProducts(
  sweep: Sweep,
  layer: Conv2dLayer,
  maps: string,
  vectors: string | undefined,
): string {
  const { net, group } = sweep;
  const { builder } = net;
  const geometry = net.plan.convGeometry(layer);
  const [height, width, , channelsOut] = layer.kernel.shape as [number, number, number, number];
  const { kernel, channels } = backKernel(sweep, layer);
  const contracted =
    vectors === undefined
      ? builder.op('Gather', [kernel, sweep.classes.indices], { axis: 0 })
      : sweep.rowsAtLast(
          builder.op('MatMul', [vectors, builder.reshape(kernel, [channelsOut, channels * height * width])]),
        );
  const response = strided(layer)
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

function strided(layer: Conv2dLayer): boolean {
  return layer.strides.some((stride) => stride > 1);
}

/** [out, in, kh, kw]; [out, 1, kh, kw] where the channels of the image are summed. */
function backKernel(sweep: Sweep, layer: Conv2dLayer): { kernel: string; channels: number } {
  const kernel = sweep.net.kernel(layer);
  const channels = layer.kernel.shape[2]!;
  if (!sweep.sumsImage || layer.inputs[0] !== INPUT || channels === 1) return { kernel, channels };
  const { builder } = sweep.net;
  return { kernel: builder.op('ReduceSum', [kernel, builder.ints([1])], { keepdims: 1 }), channels: 1 };
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
function turnedAttributes({ y, x }: { y: AxisGeometry; x: AxisGeometry }) {
  const axis = (geometry: AxisGeometry): AxisGeometry => {
    const reach = (geometry.kernel - 1) * geometry.dilation;
    return { ...geometry, padBefore: reach - geometry.padBefore, padAfter: reach - geometry.padAfter };
  };
  return windowAttributes({ y: axis(y), x: axis(x) });
}
