export { PAPER_BREEDS } from './dog-breeds.ts';
export { DatasetError } from './errors.ts';
export { evenlyOverClasses } from './evenly-over-classes.ts';
export { type FoldOptions, stratifiedFolds, undividedSplit } from './folds.ts';
export { type IdxArray, type IdxOptions, parseIdx } from './idx.ts';
export { type IdxImagesOptions, labelledImagesFromIdx } from './idx-images.ts';
export { imagesNotAmong } from './images-not-among.ts';
export {
  firstImages,
  imageAt,
  joinImages,
  type LabelledImages,
  type LabelledImagesParts,
  labelledImages,
  selectImages,
} from './labelled-images.ts';
export { npyBytes, npyHeader, npyValues } from './npy.ts';
export {
  type HeldOutOptions,
  heldOutSplit,
  type Split,
  type SplitRecord,
  splitFromRecord,
} from './splits.ts';
export { parseSvhn, type SvhnOptions } from './svhn.ts';
