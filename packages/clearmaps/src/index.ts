export type {
  AsyncExplainOptions,
  Explanation,
  LayerGraph,
  Prediction,
  Rule,
  Seed,
} from '@clearmaps/deconvnet/graph';
export { ClearmapsError } from '@clearmaps/errors';
export { type ActiveBackend, type Backend, firstOf, type SkippedBackend } from './backend.ts';
export { type ClassChoice, chooseClasses, ranked } from './choose-classes.ts';
export { type ClassGroup, groupProbabilities, readGroups } from './class-groups.ts';
export { classNamesOf, findClass } from './class-names.ts';
export { type Clearmaps, type ClearmapsOptions, createClearmaps } from './create-clearmaps.ts';
export { type DrawClearMapOptions, drawClearMap } from './draw-clear-map.ts';
export { type DrawViewsOptions, drawViews, VIEWS, type View, type ViewName } from './draw-views.ts';
export type { Engine } from './engine.ts';
export { BackendError, ClassChoiceError, ImageError } from './errors.ts';
export type { ExplainImage } from './explain-image.ts';
export { fitPicture } from './fit-picture.ts';
export { dominantShares, type ShownRows, type ShownRowsOptions, shownRows } from './shown-rows.ts';
