import { concat, fused, reshape, slice, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { explicitPadding, type WindowGeometry } from './window-geometry.ts';

export interface ConvolveOptions {
  readonly groups: number;
  /** [out]. */
  readonly bias?: Tensor;
  readonly activation: 'linear' | 'relu' | 'relu6';
}

/**
 * A convolution with groups or without, as tfjs can run it: depthwise ones as one op, other groups one by one.
 *
 * @param x [b, h, w, in]
 * @param kernel [kh, kw, in / groups, out]
 * @param geometry strides and dilations must not both exceed 1
 */
export function convolve(
  x: Tensor4D,
  kernel: Tensor4D,
  geometry: WindowGeometry,
  { groups, bias, activation }: ConvolveOptions,
): Tensor4D {
  const { y, x: columns } = geometry;
  const options = {
    strides: [y.stride, columns.stride] as [number, number],
    dilations: [y.dilation, columns.dilation] as [number, number],
    // Not 'same': XNNPACK would count the padding itself, unsigned, and wrap round where strides leave gaps. The
    // depthwise op takes explicit padding as well; its declaration does not say so.
    pad: explicitPadding(geometry) as unknown as number,
    activation,
  };
  if (groups === 1) return fused.conv2d({ x, filter: kernel, bias, ...options });
  const [height, width, channelsIn, channelsOut] = kernel.shape;
  const perGroup = channelsOut / groups;
  return tidy(() => {
    if (channelsIn === 1) {
      const filter: Tensor4D = reshape(kernel, [height, width, groups, perGroup]);
      return fused.depthwiseConv2d({ x, filter, bias, ...options });
    }
    const parts = Array.from({ length: groups }, (_, group) =>
      tidy(() =>
        fused.conv2d({
          x: channelsFrom(x, group * channelsIn, channelsIn),
          filter: channelsFrom(kernel, group * perGroup, perGroup),
          bias: bias && slice(bias, [group * perGroup], [perGroup]),
          ...options,
        }),
      ),
    );
    return concat(parts, -1);
  });
}

/** Some of the channels on the last axis. */
export function channelsFrom(values: Tensor4D, first: number, count: number): Tensor4D {
  const lead = values.shape.slice(0, 3) as [number, number, number];
  return slice(values, [0, 0, 0, first], [...lead, count]);
}
