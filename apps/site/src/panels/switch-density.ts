import { type MaxPoolLayer, windowGeometry } from '@clearmaps/deconvnet/graph';

/**
 * Where the switches of a max pooling are: for each place, the share of channels in which it is the maximum of a
 * window, and so lets a response through on the way back (Zeiler & Fergus 2014, section 2.1). The first of equal
 * values counts, padding never does.
 *
 * @param input [H, W, C]: what the pooling received
 * @returns [H*W], 0..1
 */
export function switchDensity(
  input: Float32Array,
  shape: readonly [height: number, width: number, channels: number],
  { poolSize, strides, padding }: MaxPoolLayer,
): Float32Array {
  const [height, width, channels] = shape;
  const { y, x } = windowGeometry(shape, poolSize, strides, [1, 1], padding);
  const isSwitch = new Uint8Array(input.length);
  for (let row = 0; row < y.output; row++) {
    for (let column = 0; column < x.output; column++) {
      const top = row * y.stride - y.padBefore;
      const left = column * x.stride - x.padBefore;
      for (let c = 0; c < channels; c++) {
        let best = -1;
        for (let i = Math.max(0, top); i < Math.min(height, top + y.kernel); i++) {
          for (let j = Math.max(0, left); j < Math.min(width, left + x.kernel); j++) {
            const at = (i * width + j) * channels + c;
            if (best < 0 || input[at]! > input[best]!) best = at;
          }
        }
        isSwitch[best] = 1;
      }
    }
  }
  const density = new Float32Array(height * width);
  for (const [at, is] of isSwitch.entries()) density[Math.floor(at / channels)]! += is / channels;
  return density;
}
