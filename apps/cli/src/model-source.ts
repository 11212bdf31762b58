import { dirname, extname } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet';
import {
  BUNDLED_MODELS,
  bundledModelFolder,
  readBundledModel,
  readLayersModel,
} from '@clearmaps/models/node';

/** `--model`: a bundled name, a path to a model.json, or a folder that holds one. @throws ModelFileError */
export async function loadModel(source: string): Promise<LayerGraph> {
  return isBundled(source) ? readBundledModel(source) : readLayersModel(source);
}

export function isBundled(source: string): boolean {
  return (BUNDLED_MODELS as readonly string[]).includes(source);
}

/** The folder that holds what was written beside the model, such as its training.json. */
export function modelFolder(source: string): string {
  if (isBundled(source)) return bundledModelFolder(source);
  return extname(source) === '.json' ? dirname(source) : source;
}
