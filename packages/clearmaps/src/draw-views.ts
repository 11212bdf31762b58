import {
  against,
  binaryMap,
  type ClassPalette,
  clearMap,
  type ForAndAgainst,
  heatmap,
  overlay,
  type Raster,
  responseMap,
  type Scale,
} from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet';
import { checkOptionNames, type OptionNames } from '@clearmaps/errors';
import { batchIndex } from './batch-index.ts';

/** The ways to look at one explanation. */
export const VIEWS = ['original', 'heatmap', 'binary', 'clear', 'overlay', 'responses'] as const;
export type ViewName = (typeof VIEWS)[number];

/** One picture of an explanation. */
export interface View {
  readonly name: ViewName;
  /** The class that a response map shows; heatmap and binary map: the class they speak for. */
  readonly classIndex?: number;
  readonly raster: Raster;
}

export interface DrawViewsOptions {
  /** Which image of the batch; the first unless told. */
  readonly image?: number;
  /** The original at the size of the maps. */
  readonly picture: Raster;
  /** The class that heatmap and binary map speak for. */
  readonly target: number;
  /** Made for the model's whole class list. */
  readonly palette: ClassPalette;
  /** 'max' unless told; 'per-class' is the CLEAR map's alone, the other views then take 'max'. */
  readonly scale?: Scale;
  /** In the order wanted; all but the response maps unless told. */
  readonly views?: readonly ViewName[];
}

const NAMES: OptionNames<DrawViewsOptions> = {
  image: true,
  picture: true,
  target: true,
  palette: true,
  scale: true,
  views: true,
};

/**
 * Draws the views of one explanation (CLEAR, figures 1 and 3-7). Heatmap and binary map compare the target with
 * the other classes, so they are left out where the target was not asked for or nothing else was. Response maps
 * need an explanation that has kept its maps.
 *
 * @throws ColormapError on a picture of another size, a class outside the palette, a bad scale; ImageError on an
 *   image that the batch does not have, ClearmapsError on an option that there is not.
 */
export function drawViews(explanation: Explanation, options: DrawViewsOptions): View[] {
  checkOptionNames('drawViews', options, NAMES);
  const { picture, target, palette, scale = 'max' } = options;
  const image = batchIndex(explanation.shape, options.image);
  const [, height, width] = explanation.shape;
  const { classes } = explanation;
  const pixels = height * width;
  const ofImage = <T extends Float32Array | Int32Array>(values: T, size: number): T =>
    values.subarray(image * size, (image + 1) * size) as T;
  const maps = ofImage(explanation.maps, classes.length * pixels);
  const mapOf = (row: number): Float32Array => maps.subarray(row * pixels, (row + 1) * pixels);
  const commonScale = scale === 'per-class' ? 'max' : scale;

  const dominantClass = ofImage(explanation.dominantClass, pixels);
  const dominantResponse = ofImage(explanation.dominantResponse, pixels);
  const others = explanation.others && ofImage(explanation.others, pixels);
  const clear = (): Raster =>
    clearMap({
      dominantClass,
      dominantResponse,
      width,
      height,
      palette,
      scale,
    });
  const targetRow = classes.indexOf(target);
  const compare = (): ForAndAgainst => {
    if (explanation.maps.length === 0)
      return fromDominance(dominantClass, dominantResponse, target, width, height);
    const rest =
      classes.length > 1 ? against(maps, [classes.length, height, width], targetRow) : others!.slice();
    others?.forEach((response, pixel) => {
      rest[pixel] = Math.max(rest[pixel]!, response);
    });
    return { response: mapOf(targetRow), against: rest, width, height };
  };
  const sides = targetRow < 0 || (classes.length < 2 && !others) ? undefined : compare();

  const draw: Record<ViewName, () => Omit<View, 'name'>[]> = {
    original: () => [{ raster: picture }],
    heatmap: () => (sides ? [{ classIndex: target, raster: heatmap({ ...sides, scale: commonScale }) }] : []),
    binary: () =>
      sides ? [{ classIndex: target, raster: binaryMap({ ...sides, scale: commonScale }) }] : [],
    clear: () => [{ raster: clear() }],
    overlay: () => [{ raster: overlay({ picture, map: clear() }) }],
    responses: () =>
      classes.map((classIndex, row) => ({
        classIndex,
        raster: responseMap({ response: mapOf(row), width, height, scale: commonScale }),
      })),
  };
  const views = options.views ?? VIEWS.filter((name) => name !== 'responses');
  return views.flatMap((name) => draw[name]().map((view) => ({ name, ...view })));
}

/** Below any response. */
const NOT_FOR = -3e38;

/** What can be said for a class and against it where no maps were kept: who leads, and how strongly. */
function fromDominance(
  dominantClass: Int32Array,
  dominantResponse: Float32Array,
  target: number,
  width: number,
  height: number,
): ForAndAgainst {
  const response = dominantResponse.map((value, pixel) =>
    dominantClass[pixel] === target ? value : NOT_FOR,
  );
  return { response, against: dominantResponse, width, height };
}
