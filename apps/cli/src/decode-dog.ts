import type { DecodeDog } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import { decodePicture } from './decode-picture.ts';

/** How pictures of Stanford Dogs become bytes in the size of a net's input, as the net says. */
export function dogDecoder({ inputShape, preprocessing }: Pick<LayerGraph, 'inputShape' | 'preprocessing'>): {
  readonly height: number;
  readonly width: number;
  readonly decode: DecodeDog;
} {
  const [height, width, channels] = inputShape;
  const { resize = 'stretch', shortSide } = preprocessing ?? {};
  return {
    height,
    width,
    decode: (jpeg, { file, box }) =>
      decodePicture(
        jpeg,
        {
          width,
          height,
          channels,
          resize,
          ...(shortSide !== undefined && { shortSide }),
          ...(box && { part: box }),
        },
        file,
      ),
  };
}
