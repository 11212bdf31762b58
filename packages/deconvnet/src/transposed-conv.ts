import {
  concat,
  fused,
  pad,
  relu,
  reshape,
  reverse,
  slice,
  sum,
  type Tensor2D,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import { channelsFrom } from './convolve.ts';
import type { Border, Conv2dLayer, Pair } from './layer-graph.ts';
import { shifted } from './pool-phases.ts';
import { type AxisGeometry, NO_BORDER, type WindowGeometry } from './window-geometry.ts';

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
  /** Of the input. */
  readonly channels: number;
  readonly groups: number;
  /**
   * Zeros round the response, [[top, bottom], [left, right]]; less than 0 where its border came from padding alone
   * and is cut off.
   */
  readonly border: Border;
  /** Strides of a depthwise convolution: zeros go between the rows and columns of the response. */
  readonly spread: Pair;
}

interface TransposedAxis {
  readonly phases: number;
  readonly dilation: number;
  /** Interleaved pixels before the first one of the input. */
  readonly crop: number;
  readonly size: number;
}

/**
 * @param kernel of the forward convolution, [kh, kw, in / groups, out]; not kept
 * @param geometry of the forward convolution; strides and dilations must not both exceed 1
 * @returns the kernel's phases, reversed, channels exchanged, [taps, taps, out, phases * in / groups]; the caller
 *   disposes `kernel`
 */
export function prepareTransposedConv(
  kernel: Tensor4D,
  geometry: WindowGeometry,
  groups = 1,
): TransposedConv {
  const [height, width, channelsIn, channelsOut] = kernel.shape;
  // XNNPACK has fast code for depthwise convolutions of one channel out each, not of one for each phase.
  const spreads = groups > 1 && channelsIn === 1;
  const axis = (one: AxisGeometry) =>
    transposedAxis(spreads ? { ...one, output: one.output * one.stride, stride: 1 } : one);
  const { taps: tapsY, ends: endsY, ...y } = axis(geometry.y);
  const { taps: tapsX, ends: endsX, ...x } = axis(geometry.x);
  const phased = tidy(() => {
    // Tap k = j*s + r stands at [j, r]; taps past the kernel's end are zero.
    const whole = pad(kernel, [
      [0, tapsY * y.phases - height],
      [0, tapsX * x.phases - width],
      [0, 0],
      [0, 0],
    ]);
    const taps = reshape(whole, [tapsY, y.phases, tapsX, x.phases, channelsIn, channelsOut]);
    const exchanged = transpose(taps, [0, 2, 5, 1, 3, 4]);
    // Reversed at rank 4: webgl refuses more, webgpu gives the input back unreversed.
    return reverse(
      reshape(exchanged, [tapsY, tapsX, channelsOut, y.phases * x.phases * channelsIn]) as Tensor4D,
      [0, 1],
    );
  });
  return {
    kernel: phased,
    y,
    x,
    channels: channelsIn * groups,
    groups,
    border: [endsY, endsX],
    spread: spreads ? [geometry.y.stride, geometry.x.stride] : [1, 1],
  };
}

function transposedAxis(axis: AxisGeometry): TransposedAxis & { taps: number; ends: Pair } {
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
    ends: [(taps - 1) * dilation - first, end - output],
  };
}

/**
 * Response at the output of the convolution, [b, oh, ow, out], to the response at its input, [b, h, w, in].
 *
 * @param activation 'relu' to rectify the result on the way
 */
export function transposedConv(
  conv: TransposedConv,
  response: Tensor4D,
  activation: 'linear' | 'relu' = 'linear',
): Tensor4D {
  return tidy(() => {
    const options = { ...windowsOf(conv, response), activation };
    return interleave(
      conv,
      conv.groups > 1 ? convGroups(conv, options) : fused.conv2d({ ...options, filter: conv.kernel }),
    );
  });
}

/** The phases of all input channels, as a convolution without groups gives them: [b, rows, columns, phases * in]. */
function convGroups(
  { kernel, groups, channels }: TransposedConv,
  options: ReturnType<typeof windowsOf> & { readonly activation: 'linear' | 'relu' },
): Tensor4D {
  const [, , channelsOut, phased] = kernel.shape;
  const perGroup = channelsOut / groups;
  const phases = (phased * groups) / channels;
  if (channels === groups) {
    const activation = perGroup === 1 ? options.activation : 'linear';
    const each = fused.depthwiseConv2d({ ...options, filter: kernel, activation });
    if (perGroup === 1) return each;
    // The channels that were made from one are added up.
    const [batch, rows, columns] = each.shape;
    const added: Tensor4D = reshape(sum(reshape(each, [-1, groups, perGroup]), 2), [
      batch,
      rows,
      columns,
      groups,
    ]);
    return options.activation === 'relu' ? relu(added) : added;
  }
  const parts = Array.from({ length: groups }, (_, group) =>
    tidy(() => {
      const [first, count] = [group * perGroup, perGroup];
      return fused.conv2d({
        ...options,
        x: channelsFrom(options.x, first, count),
        filter: slice(kernel, [0, 0, first, 0], [-1, -1, count, -1]),
      });
    }),
  );
  const [batch, rows, columns] = parts[0]!.shape;
  const joined = concat(
    parts.map((part) => reshape(part, [-1, phases, channels / groups])),
    -1,
  );
  return reshape(joined, [batch, rows, columns, phases * channels]);
}

/**
 * The same, without groups, for n responses of one channel each, every one through a kernel of its own, as one depthwise convolution.
 *
 * @param maps [b, oh, ow, n]
 * @param kernels [n, taps * phases * in], rows like those of the phased kernel
 * @returns [n*b, h, w, in]
 */
export function transposedConvOfMaps(
  conv: TransposedConv,
  maps: Tensor4D,
  kernels: Tensor2D,
  activation: 'linear' | 'relu' = 'linear',
): Tensor4D {
  const [tapsY, tapsX, , phased] = conv.kernel.shape;
  const [batch, , , count] = maps.shape;
  return tidy(() => {
    const filter: Tensor4D = transpose(reshape(kernels, [count, tapsY, tapsX, phased]), [1, 2, 0, 3]);
    const together = fused.depthwiseConv2d({ ...windowsOf(conv, maps), filter, activation });
    const [, rows, columns] = together.shape;
    const apart = transpose(reshape(together, [batch, rows * columns, count, phased]), [2, 0, 1, 3]);
    return interleave(conv, reshape(apart, [count * batch, rows, columns, phased]));
  });
}

/** What the convolution runs over. */
function windowsOf({ y, x, border, spread }: TransposedConv, arrived: Tensor4D) {
  const response = spreadOut(arrived, spread);
  const cuts = border.flat().some((size) => size < 0);
  const [[top, bottom], [left, right]] = border;
  const [, rows, columns] = response.shape;
  const pad = cuts ? NO_BORDER : border;
  return {
    x: cuts ? shifted(response, top, top + rows + bottom, left, left + columns + right) : response,
    strides: 1,
    // The depthwise op takes explicit padding as well; its declaration does not say so.
    pad: [[0, 0], ...pad, [0, 0]] as unknown as number,
    dilations: [y.dilation, x.dilation] as [number, number],
  };
}

/** Zeros between rows and columns: [b, h, w, c] to [b, h*sy, w*sx, c]. */
function spreadOut(response: Tensor4D, [strideY, strideX]: Pair): Tensor4D {
  if (strideY === 1 && strideX === 1) return response;
  const [batch, rows, columns, channels] = response.shape;
  const wide = pad(reshape(response, [batch * rows, columns, channels]), [
    [0, 0],
    [0, 0],
    [0, (strideX - 1) * channels],
  ]);
  const tall = pad(reshape(wide, [batch * rows, columns * strideX * channels]), [
    [0, 0],
    [0, (strideY - 1) * columns * strideX * channels],
  ]);
  return reshape(tall, [batch, rows * strideY, columns * strideX, channels]);
}

/** The phases put side by side: [b, rows, columns, phases * in] to [b, h, w, in]. */
function interleave({ y, x, channels }: TransposedConv, phased: Tensor4D): Tensor4D {
  if (y.phases === 1 && x.phases === 1) return phased;
  const [batch, rows, columns] = phased.shape;
  const height = rows * y.phases;
  const width = columns * x.phases;
  const interleaved: Tensor4D = reshape(
    transpose(reshape(phased, [batch * rows, columns, y.phases, x.phases * channels]), [0, 2, 1, 3]),
    [batch, height, width, channels],
  );
  if (height === y.size && width === x.size) return interleaved;
  return slice(interleaved, [0, y.crop, x.crop, 0], [batch, y.size, x.size, channels]);
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
