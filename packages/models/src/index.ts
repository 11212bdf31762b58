export { ModelFileError, PictureError } from './errors.ts';
export { type GoldenArray, type GoldenCase, type GoldenDominant, parseGoldenCase } from './golden.ts';
export { mnistNet, type NetOptions, svhnNet, vggNet } from './paper-nets.ts';
