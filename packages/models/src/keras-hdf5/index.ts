export type { ReadVggOptions } from '../vgg.ts';
export { graphFromKerasHdf5 } from './graph-from-keras-hdf5.ts';
