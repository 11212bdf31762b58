import type { AxisGeometry, WindowGeometry } from '@clearmaps/deconvnet/layers';
import { conv2d, pad, reshape, slice, type Tensor4D, tidy, transpose } from '@tensorflow/tfjs-core';

/**
 * The gradient of a loss with respect to a convolution's kernel:
 *
 *   dW[i, j, in, out] = sum over b, y, x of input[b, y*s + i*d - p, x*s + j*d - p, in] * gradient[b, y, x, out]
 *
 * It is itself a convolution in which batch and channels change places: the input as `in` pictures of B channels,
 * the gradient as `out` kernels of its own size over B channels, stride and dilation exchanged. So it runs on the
 * backend's fast forward kernel; wasm has no Conv2DBackpropFilter at all, and matrix products with a transposed
 * operand are slow there.
 *
 * @param input what the convolution received, [B, h, w, in]
 * @param gradient of the loss with respect to the convolution's output, [B, oh, ow, out]
 * @param geometry of the convolution
 * @returns [kh, kw, in, out]; the caller disposes it
 */
export function filterGradient(input: Tensor4D, gradient: Tensor4D, geometry: WindowGeometry): Tensor4D {
  const { y, x } = geometry;
  return tidy(() => {
    const rows = reach(y);
    const columns = reach(x);
    const [batch, , , channels] = input.shape;
    // Pixels that no window reaches would make the kernel's gradient larger than the kernel.
    const reached =
      rows.used < y.input || columns.used < x.input
        ? slice(input, [0, 0, 0, 0], [batch, rows.used, columns.used, channels])
        : input;
    const pictures = transpose(reached, [3, 1, 2, 0]);
    const kernels = transpose(gradient, [1, 2, 0, 3]);
    const strided = y.stride > 1 || x.stride > 1;
    const dilated = y.dilation > 1 || x.dilation > 1;
    // tfjs runs no convolution that is both strided and dilated: take all taps, then every d-th.
    const both = strided && dilated;
    const taps = conv2d(
      pictures,
      kernels,
      both ? 1 : [y.dilation, x.dilation],
      [[0, 0], rows.pad, columns.pad, [0, 0]],
      'NHWC',
      [y.stride, x.stride],
    );
    return transpose(both ? everyTap(taps, y, x) : taps, [1, 2, 0, 3]);
  });
}

/** The pixels that the windows read along one axis, and the zeros round them. */
function reach(axis: AxisGeometry): { used: number; pad: [number, number] } {
  const { input, output, kernel, stride, dilation, padBefore } = axis;
  const extent = (kernel - 1) * dilation + (output - 1) * stride + 1;
  const used = Math.min(input, extent - padBefore);
  return { used, pad: [padBefore, extent - padBefore - used] };
}

/** Every d-th row and column of [in, (kh-1)*d+1, (kw-1)*d+1, out]. */
function everyTap(taps: Tensor4D, y: AxisGeometry, x: AxisGeometry): Tensor4D {
  const [channelsIn, , wide, channelsOut] = taps.shape;
  const rows = pickEvery(reshape(taps, [channelsIn, -1, 1, wide * channelsOut]), y);
  const both = pickEvery(reshape(rows, [channelsIn * y.kernel, wide, 1, channelsOut]), x);
  return reshape(both, [channelsIn, y.kernel, x.kernel, channelsOut]);
}

/** Every d-th along the second axis: [lead, (n-1)*d+1, 1, rest] to [lead, n, 1, rest]. */
function pickEvery(values: Tensor4D, { kernel, dilation }: AxisGeometry): Tensor4D {
  const [lead, , , rest] = values.shape;
  // Filled up to n*d, so that it can be cut into n groups of d.
  const filled = pad(values, [
    [0, 0],
    [0, dilation - 1],
    [0, 0],
    [0, 0],
  ]);
  return slice(
    reshape(filled, [lead, kernel, dilation, rest]) as Tensor4D,
    [0, 0, 0, 0],
    [lead, kernel, 1, rest],
  );
}
