export { against } from './against.ts';
export { type BinaryMapOptions, binaryMap } from './binary-map.ts';
export { type ClearMapOptions, clearMap } from './clear-map.ts';
export { ColormapError } from './errors.ts';
export { firstName } from './first-name.ts';
export type { ForAndAgainst } from './for-and-against.ts';
export { type HeatmapOptions, heatmap } from './heatmap.ts';
export { hsvToRgb, type UnitRgb } from './hsv.ts';
export { type OverlayOptions, overlay } from './overlay.ts';
export {
  type ClassPalette,
  classColor,
  classHex,
  classPalette,
  type PaletteName,
  paletteNames,
  paletteOfSome,
} from './palette.ts';
export { type PictureOptions, pictureRaster } from './picture-raster.ts';
export {
  blit,
  createRaster,
  enlarge,
  fillRect,
  type Raster,
  type Rectangle,
  type Rgb,
  resizeNearest,
} from './raster.ts';
export { type ResponseMapOptions, responseMap } from './response-map.ts';
export { type CommonScale, type Scale, type StrengthOptions, strength } from './scale.ts';
