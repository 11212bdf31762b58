export { ClearmapsError } from '@clearmaps/errors';
export { type ActiveBackend, type Backend, startBackend } from './backend.ts';
export { type Clearmaps, type ClearmapsOptions, createClearmaps } from './create-clearmaps.ts';
export { type DrawViewsOptions, drawViews, VIEWS, type View, type ViewName } from './draw-views.ts';
export { BackendError } from './errors.ts';
