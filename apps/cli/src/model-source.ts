import type { LayerGraph } from '@clearmaps/deconvnet';
import { BUNDLED_MODELS, readBundledModel, readLayersModel } from '@clearmaps/models/node';

/** `--model`: a bundled name, a path to a model.json, or a folder that holds one. @throws ModelFileError */
export async function loadModel(source: string): Promise<LayerGraph> {
  return isBundled(source) ? readBundledModel(source) : readLayersModel(source);
}

export function isBundled(source: string): boolean {
  return (BUNDLED_MODELS as readonly string[]).includes(source);
}
