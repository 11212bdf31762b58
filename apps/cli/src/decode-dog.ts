import type { DecodeDog } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { decodePicture, decodingFor } from './decode-picture.ts';

/** How pictures of Stanford Dogs become bytes in the size of a net's input, as the net says. */
export function dogDecoder(net: Pick<LayerGraph, 'inputShape' | 'preprocessing'>): {
  readonly height: number;
  readonly width: number;
  readonly decode: DecodeDog;
} {
  const decoding = decodingFor(net);
  const { height, width } = decoding;
  return {
    height,
    width,
    decode: (jpeg, { file, box }) => decodePicture(jpeg, { ...decoding, ...(box && { part: box }) }, file),
  };
}
