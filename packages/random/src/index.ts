export { mulberry32, streamFor } from './mulberry32.ts';
export { Random, type RandomState } from './random.ts';
export { shuffle } from './shuffle.ts';
