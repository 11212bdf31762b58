export { type BundledMnistOptions, readBundledMnist } from './node/bundled-mnist.ts';
export { type ReadIdxOptions, readIdx, readIdxFolder } from './node/idx-files.ts';
export { type ImageFolderOptions, readImageFolder } from './node/image-folder.ts';
export { type ReadLabelledImagesOptions, readLabelledImages } from './node/labelled-images-path.ts';
export {
  type ReadSvhnOptions,
  readSvhn,
  type StreamSvhnOptions,
  type SvhnProgress,
  streamSvhn,
} from './node/svhn-files.ts';
