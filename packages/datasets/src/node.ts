export { type BundledMnistOptions, readBundledMnist } from './node/bundled-mnist.ts';
export { type ReadIdxOptions, readIdx, readIdxFolder } from './node/idx-files.ts';
