export { ClearmapsError, type ErrorDetails } from './clearmaps-error.ts';
export { editDistance } from './edit-distance.ts';
export { checkOptionNames, type OptionNames } from './option-names.ts';
