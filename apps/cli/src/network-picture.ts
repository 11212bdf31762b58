import { pictureRaster, type Raster } from '@clearmaps/colormap';
import type { LayerGraph } from '@clearmaps/deconvnet';

/** Network input, [H, W, C], as the picture that preprocessing would make it of; without one, 1 counts as white. */
export function networkPicture({ inputShape, preprocessing }: LayerGraph, values: Float32Array): Raster {
  const [height, width, channels] = inputShape;
  const turned = preprocessing?.channels === 'bgr';
  const data = values.map((_, at) => {
    const c = at % channels;
    const value = values[turned ? at - c + (channels - 1 - c) : at]!;
    if (preprocessing === undefined) return value;
    const from = turned ? channels - 1 - c : c;
    return (value * preprocessing.std[from]! + preprocessing.mean[from]!) / preprocessing.scale / 255;
  });
  return pictureRaster({ data, shape: [height, width, channels] });
}
