import type { Border, Padding, Pair } from './layer-graph.ts';

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
 * TensorFlow's window arithmetic: 'same' gives ceil(input / stride) windows and pads as little as that needs, the
 * odd one after; with a border in numbers, none for 'valid', as many windows as fit. `output` is 0 or less where
 * no window fits.
 */
function axisGeometry(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'same' | Pair,
): AxisGeometry {
  const extent = dilation * (kernel - 1) + 1;
  if (padding !== 'same') {
    const [padBefore, padAfter] = padding;
    const output = Math.floor((padBefore + input + padAfter - extent) / stride) + 1;
    return { input, output, kernel, stride, dilation, padBefore, padAfter };
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
  const [y, x] = padding === 'same' ? (['same', 'same'] as const) : padding === 'valid' ? NO_BORDER : padding;
  return {
    y: axisGeometry(height, kernel[0], strides[0], dilations[0], y),
    x: axisGeometry(width, kernel[1], strides[1], dilations[1], x),
  };
}

/** The padding as TensorFlow.js takes it, in numbers. */
export function explicitPadding({ y, x }: WindowGeometry): [Ends, Ends, Ends, Ends] {
  return [
    [0, 0],
    [y.padBefore, y.padAfter],
    [x.padBefore, x.padAfter],
    [0, 0],
  ];
}

type Ends = [number, number];

export const NO_BORDER: Border = [
  [0, 0],
  [0, 0],
];
