import type { Preprocessing } from '@clearmaps/deconvnet/graph';

/** What stands where a pixel was taken away: black, the background of MNIST's digits, or middle grey. */
export type Removal = 'background' | 'grey';

const BYTES: Readonly<Record<Removal, number>> = { background: 0, grey: 127.5 };

/** As the paper does it (section 4.3): the background for gray pictures, grey for those in colour. */
export function usualRemoval(channels: number): Removal {
  return channels === 1 ? 'background' : 'grey';
}

/** [C]: such a pixel as the net takes it. */
export function removedPixel({ scale, mean, std }: Preprocessing, removal: Removal): Float32Array {
  return Float32Array.from(mean, (offset, c) => (BYTES[removal] * scale - offset) / std[c]!);
}
