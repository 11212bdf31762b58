import {
  against,
  binaryMap,
  type ClassPalette,
  clearMap,
  createRaster,
  heatmap,
  overlay,
  type Raster,
  responseMap,
  type Scale,
} from '@clearmaps/colormap';
import type { Explanation } from '@clearmaps/deconvnet/graph';
import { dominantAmong } from './dominant-among.ts';
import { ElementError } from './errors.ts';

/** The ways to look at an explanation. */
export const ELEMENT_VIEWS = ['clear', 'overlay', 'heatmap', 'binary', 'response', 'original'] as const;
export type ElementView = (typeof ELEMENT_VIEWS)[number];

export interface DrawViewOptions {
  readonly view: ElementView;
  /** Classes that compete, see `shownClasses`. */
  readonly shown: readonly number[];
  /** The class that heatmap, binary map and response map speak for. */
  readonly target: number;
  readonly palette: ClassPalette;
  readonly scale: Scale;
  /** Of the overlay's map, 0..1. */
  readonly opacity: number;
  /** The original at the size of the maps; overlay and original need it. */
  readonly picture?: Raster;
}

type Source = Pick<Explanation, 'shape' | 'classes' | 'maps' | 'dominantResponse'>;

/**
 * Draws one view of the first image. Full brightness under `'max'` is the strongest response of all classes, whether
 * shown or not: a class looked at alone keeps the brightness that it has among the others.
 *
 * @throws ElementError without the picture that a view needs; ColormapError on a bad scale or a picture of another size.
 */
export function drawView(explanation: Source, options: DrawViewOptions): Raster {
  const [, height, width] = explanation.shape;
  const { classes, maps } = explanation;
  const { view, shown, target, palette, opacity } = options;
  const pixels = height * width;
  const scale = wholePictureScale(explanation, options.scale);
  const common = scale === 'per-class' ? 'max' : scale;
  const row = classes.indexOf(target);

  const clear = (): Raster => {
    if (!classes.some((c) => shown.includes(c))) return createRaster(width, height);
    return clearMap({ ...dominantAmong(explanation, shown), width, height, palette, scale });
  };
  const response = (): Float32Array =>
    row < 0 ? new Float32Array(pixels) : maps.subarray(row * pixels, (row + 1) * pixels);
  const sides = () => {
    const all = maps.subarray(0, classes.length * pixels);
    return row < 0 || classes.length < 2
      ? { response: response(), against: new Float32Array(pixels), width, height }
      : { response: response(), against: against(all, [classes.length, height, width], row), width, height };
  };
  const draw: Record<ElementView, () => Raster> = {
    clear,
    overlay: () => overlay({ picture: pictureOf(options), map: clear(), opacity }),
    heatmap: () => heatmap({ ...sides(), scale: common }),
    binary: () => binaryMap(sides()),
    response: () => responseMap({ response: response(), width, height, scale: common }),
    original: () => pictureOf(options),
  };
  return draw[view]();
}

function wholePictureScale({ shape, dominantResponse }: Source, scale: Scale): Scale {
  if (scale !== 'max') return scale;
  const strongest = dominantResponse
    .subarray(0, shape[1] * shape[2])
    .reduce((most, value) => Math.max(most, value), 0);
  return strongest > 0 ? { fixed: strongest } : 'max';
}

function pictureOf({ view, picture }: DrawViewOptions): Raster {
  if (picture) return picture;
  throw new ElementError({
    asked: `<clear-map view="${view}">`,
    got: 'no picture',
    remedy: 'Set its property "picture" to the raster that was explained, or take another view.',
  });
}
