import type { Pair } from '@clearmaps/deconvnet';
import { pad, reshape, slice, type Tensor4D, tidy } from '@tensorflow/tfjs-core';

/**
 * The kernel of the same convolution without dilation, zeros standing between its taps:
 * [kh, kw, in, out] to [(kh-1)*dy+1, (kw-1)*dx+1, in, out].
 */
export function dilatedKernel(kernel: Tensor4D, [dilationY, dilationX]: Pair): Tensor4D {
  const [height, width, channelsIn, channelsOut] = kernel.shape;
  return tidy(() => {
    const spaced = pad(reshape(kernel, [height, 1, width, channelsIn * channelsOut]), [
      [0, 0],
      [0, dilationY - 1],
      [0, 0],
      [0, 0],
    ]);
    const rows = reshape(spaced, [height * dilationY, width, 1, channelsIn * channelsOut]);
    const whole = pad(rows, [
      [0, 0],
      [0, 0],
      [0, dilationX - 1],
      [0, 0],
    ]);
    return slice(
      reshape(whole, [height * dilationY, width * dilationX, channelsIn, channelsOut]) as Tensor4D,
      [0, 0, 0, 0],
      [(height - 1) * dilationY + 1, (width - 1) * dilationX + 1, channelsIn, channelsOut],
    );
  });
}
