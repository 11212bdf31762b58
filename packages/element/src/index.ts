export { ClearMapElement, type PixelEvent, type PixelPlace } from './clear-map-element.ts';
export { type Dominant, dominantAmong } from './dominant-among.ts';
export { type DrawViewOptions, drawView, ELEMENT_VIEWS, type ElementView } from './draw-view.ts';
export { ElementError } from './errors.ts';
export { explanationPalette } from './explanation-palette.ts';
export { type ClassResponse, type PixelReading, readPixel } from './pixel-reading.ts';
export { type ClassChoice, shownClasses } from './shown-classes.ts';
