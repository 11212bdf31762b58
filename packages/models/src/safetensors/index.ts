export type { ReadVggOptions } from '../vgg.ts';
export { graphFromSafetensors } from './graph-from-safetensors.ts';
