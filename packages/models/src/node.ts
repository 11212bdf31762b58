export {
  BUNDLED_MODELS,
  type BundledModelName,
  bundledModelFolder,
  readBundledModel,
} from './bundled-models.ts';
export { readLayersModel, readModelMetadata, writeLayersModel } from './model-files.ts';
export { readModel } from './read-model.ts';
