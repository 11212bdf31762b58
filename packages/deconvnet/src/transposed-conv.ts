import { conv2d, reshape, slice, type Tensor4D, tensor4d, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Conv2dLayer, Weight } from './layer-graph.ts';
import type { AxisGeometry, WindowGeometry } from './window-geometry.ts';

/**
 * The transpose of one convolution, ready to run as a plain one.
 *
 * Along an axis y[o] = sum_k x[o*s + d*k - p] w[k]. The transpose at pixel i, with i + p = q*s + r, is
 * sum_j y[q - j] w[r + s*j]: for each of the s phases r a convolution of y with every s-th tap, reversed. All
 * phases of all input channels are computed by one conv2d (sub-pixel convolution, Shi et al. 2016) and then
 * interleaved. With stride 1 there is one phase and nothing to interleave: the kernel flipped, its channels
 * exchanged. tfjs' own Conv2DBackpropInput is a naive loop on wasm, ten times slower.
 */
export interface TransposedConv {
  readonly kernel: Tensor4D;
  readonly y: TransposedAxis;
  readonly x: TransposedAxis;
  readonly channels: number;
  /** Zeros round the response, [[0, 0], [top, bottom], [left, right], [0, 0]]. */
  readonly pad: [[number, number], [number, number], [number, number], [number, number]];
}

interface TransposedAxis {
  readonly phases: number;
  readonly dilation: number;
  /** Interleaved pixels before the first one of the input. */
  readonly crop: number;
  readonly size: number;
}

/** @param geometry of the forward convolution; strides and dilations must not both exceed 1 on an axis. */
export function prepareTransposedConv(kernel: Weight, geometry: WindowGeometry): TransposedConv {
  const [, , channelsIn, channelsOut] = kernel.shape as [number, number, number, number];
  const y = transposedAxis(geometry.y);
  const x = transposedAxis(geometry.x);
  const phases = y.phases * x.phases;
  const values = new Float32Array(y.taps * x.taps * channelsOut * phases * channelsIn);
  for (let tapY = 0; tapY < y.taps; tapY++) {
    for (let tapX = 0; tapX < x.taps; tapX++) {
      for (let phase = 0; phase < phases; phase++) {
        const kernelY = Math.floor(phase / x.phases) + y.phases * (y.taps - 1 - tapY);
        const kernelX = (phase % x.phases) + x.phases * (x.taps - 1 - tapX);
        if (kernelY >= geometry.y.kernel || kernelX >= geometry.x.kernel) continue;
        for (let channelIn = 0; channelIn < channelsIn; channelIn++) {
          const from = ((kernelY * geometry.x.kernel + kernelX) * channelsIn + channelIn) * channelsOut;
          const to =
            (tapY * x.taps + tapX) * channelsOut * phases * channelsIn + phase * channelsIn + channelIn;
          for (let channelOut = 0; channelOut < channelsOut; channelOut++) {
            values[to + channelOut * phases * channelsIn] = kernel.values[from + channelOut]!;
          }
        }
      }
    }
  }
  return {
    kernel: tensor4d(values, [y.taps, x.taps, channelsOut, phases * channelsIn]),
    y,
    x,
    channels: channelsIn,
    pad: [[0, 0], y.pad, x.pad, [0, 0]],
  };
}

function transposedAxis(axis: AxisGeometry): TransposedAxis & { taps: number; pad: [number, number] } {
  const { input, output, kernel, stride, dilation, padBefore } = axis;
  const taps = Math.ceil(kernel / stride);
  const first = Math.floor(padBefore / stride);
  const end = Math.floor((padBefore + input - 1) / stride) + 1;
  return {
    phases: stride,
    dilation,
    crop: padBefore - first * stride,
    size: input,
    taps,
    pad: [(taps - 1) * dilation - first, end - output],
  };
}

/** Response at the output of the convolution, [b, oh, ow, out], to the response at its input, [b, h, w, in]. */
export function transposedConv(conv: TransposedConv, response: Tensor4D): Tensor4D {
  const { kernel, y, x, channels, pad } = conv;
  return tidy(() => {
    const phased = conv2d(response, kernel, 1, pad, 'NHWC', [y.dilation, x.dilation]);
    if (y.phases === 1 && x.phases === 1) return phased;
    const [batch, rows, columns] = phased.shape;
    const height = rows * y.phases;
    const width = columns * x.phases;
    const interleaved = reshape(
      transpose(reshape(phased, [batch * rows, columns, y.phases, x.phases * channels]), [0, 2, 1, 3]),
      [batch, height, width, channels],
    );
    if (height === y.size && width === x.size) return interleaved as Tensor4D;
    return slice(interleaved as Tensor4D, [0, y.crop, x.crop, 0], [batch, y.size, x.size, channels]);
  });
}

/**
 * The same convolution without dilation, zeros standing between its taps. tfjs runs no convolution that is both
 * strided and dilated.
 */
export function withoutDilation(layer: Conv2dLayer): Conv2dLayer {
  const [dilationY, dilationX] = layer.dilations ?? [1, 1];
  const strided = layer.strides[0] > 1 || layer.strides[1] > 1;
  if (!strided || (dilationY === 1 && dilationX === 1)) return layer;
  const [height, width, channelsIn, channelsOut] = layer.kernel.shape as [number, number, number, number];
  const tall = dilationY * (height - 1) + 1;
  const wide = dilationX * (width - 1) + 1;
  const block = channelsIn * channelsOut;
  const values = new Float32Array(tall * wide * block);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * block;
      values.set(
        layer.kernel.values.subarray(from, from + block),
        (y * dilationY * wide + x * dilationX) * block,
      );
    }
  }
  return { ...layer, dilations: [1, 1], kernel: { shape: [tall, wide, channelsIn, channelsOut], values } };
}
