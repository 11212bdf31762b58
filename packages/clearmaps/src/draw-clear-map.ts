import {
  type ClassPalette,
  classPalette,
  clearMap,
  type PaletteName,
  type Raster,
  type Scale,
} from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet';
import { checkOptionNames } from '@clearmaps/errors';
import { batchIndex } from './batch-index.ts';

export interface DrawClearMapOptions {
  /** Which image of the batch; the first unless told. */
  readonly image?: number;
  /** By name, with a colour for each class of the model; or made, as for a few classes of many. 'hues' unless told. */
  readonly palette?: PaletteName | ClassPalette;
  /** 'max' unless told. */
  readonly scale?: Scale;
}

/**
 * The CLEAR map (eq. 6) of an explanation as RGBA bytes, [H, W]: `new ImageData(raster.data, raster.width)`.
 *
 * @throws ColormapError on a bad scale, ImageError on an image that the batch does not have, ClearmapsError on an
 *   option that there is not.
 */
export function drawClearMap(
  { shape, probabilities, dominantClass, dominantResponse }: Explanation,
  options: DrawClearMapOptions = {},
): Raster {
  checkOptionNames('drawClearMap', options, { image: true, palette: true, scale: true });
  const { image, palette = 'hues', scale } = options;
  const [batch, height, width] = shape;
  const pixels = height * width;
  const from = batchIndex(shape, image) * pixels;
  return clearMap({
    dominantClass: dominantClass.subarray(from, from + pixels),
    dominantResponse: dominantResponse.subarray(from, from + pixels),
    width,
    height,
    palette: typeof palette === 'string' ? classPalette(probabilities.length / batch, palette) : palette,
    scale,
  });
}
