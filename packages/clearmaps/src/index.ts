export { ClearmapsError } from '@clearmaps/errors';
export { type ActiveBackend, type Backend, firstOf, type SkippedBackend } from './backend.ts';
export { type Clearmaps, type ClearmapsOptions, createClearmaps } from './create-clearmaps.ts';
export { type DrawClearMapOptions, drawClearMap } from './draw-clear-map.ts';
export { type DrawViewsOptions, drawViews, VIEWS, type View, type ViewName } from './draw-views.ts';
export type { Engine } from './engine.ts';
export { BackendError, ImageError } from './errors.ts';
export type { ExplainImage } from './explain-image.ts';
export { fitPicture } from './fit-picture.ts';
