export { type BundledMnistOptions, readBundledMnist } from './node/bundled-mnist.ts';
export type { Box } from './node/dog-boxes.ts';
export {
  type DecodeDog,
  type DogImagesOptions,
  readDogs,
  type StreamDogsOptions,
  streamDogs,
} from './node/dog-images.ts';
export { type ReadIdxOptions, readIdx, readIdxFolder } from './node/idx-files.ts';
export { type ImageFolderOptions, readImageFolder } from './node/image-folder.ts';
export { type ReadLabelledImagesOptions, readLabelledImages } from './node/labelled-images-path.ts';
export {
  type DogPicture,
  type OpenStanfordDogsOptions,
  openStanfordDogs,
  type StanfordDogs,
} from './node/stanford-dogs.ts';
export {
  type ReadSvhnOptions,
  readSvhn,
  type StreamSvhnOptions,
  type SvhnProgress,
  streamSvhn,
} from './node/svhn-files.ts';
