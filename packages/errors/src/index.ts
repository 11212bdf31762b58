export { ClearmapsError, type ErrorDetails } from './clearmaps-error.ts';
