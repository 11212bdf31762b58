export { ClearmapsError, type ErrorDetails } from './clearmaps-error.ts';
export { checkOptionNames, type OptionNames } from './option-names.ts';
