import type { Padding, Pair } from './layer-graph.ts';

/** Where the windows of a convolution or a pool lie along one axis. All in pixels. */
export interface AxisGeometry {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros (conv) or absent values (pool) before the first pixel. */
  readonly padBefore: number;
  /** The same after the last pixel. */
  readonly padAfter: number;
}

export interface WindowGeometry {
  readonly y: AxisGeometry;
  readonly x: AxisGeometry;
}

/**
 * TensorFlow's window arithmetic: 'valid' counts the windows that fit; 'same' gives ceil(input / stride)
 * windows and pads as little as that needs, the odd one after. `output` is 0 or less where no window fits.
 */
export function axisGeometry(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: Padding,
): AxisGeometry {
  const extent = dilation * (kernel - 1) + 1;
  if (padding === 'valid') {
    return {
      input,
      output: Math.floor((input - extent) / stride) + 1,
      kernel,
      stride,
      dilation,
      padBefore: 0,
      padAfter: 0,
    };
  }
  const output = Math.ceil(input / stride);
  const total = Math.max((output - 1) * stride + extent - input, 0);
  const padBefore = Math.floor(total / 2);
  return { input, output, kernel, stride, dilation, padBefore, padAfter: total - padBefore };
}

export function windowGeometry(
  inputShape: readonly number[],
  kernel: Pair,
  strides: Pair,
  dilations: Pair,
  padding: Padding,
): WindowGeometry {
  const [height, width] = inputShape as [number, number];
  return {
    y: axisGeometry(height, kernel[0], strides[0], dilations[0], padding),
    x: axisGeometry(width, kernel[1], strides[1], dilations[1], padding),
  };
}
