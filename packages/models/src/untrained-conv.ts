import type { Conv2dLayer } from '@clearmaps/deconvnet/graph';
import { heNormal } from './he-init.ts';

/**
 * A convolution before training, with stride 1 and a border that keeps the size: {@link heNormal} weights, biases 0.
 *
 * @param shape [kh, kw, in, out]
 * @param next uniform integers 0..2^32-1; undefined for weights of 0
 */
export function untrainedConv(
  name: string,
  input: string,
  shape: readonly [number, number, number, number],
  next: (() => number) | undefined,
): Conv2dLayer {
  const [height, width, channels, kernels] = shape;
  const values = new Float32Array(height * width * channels * kernels);
  if (next) heNormal(values, height * width * channels, next);
  return {
    type: 'conv2d',
    name,
    inputs: [input],
    kernel: { shape, values },
    bias: { shape: [kernels], values: new Float32Array(kernels) },
    strides: [1, 1],
    padding: 'same',
  };
}
