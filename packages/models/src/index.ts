export { ModelFileError, PictureError } from './errors.ts';
export { mnistNet, type NetOptions, svhnNet, vggNet } from './paper-nets.ts';
