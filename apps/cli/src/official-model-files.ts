import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { readModel } from '@clearmaps/models/node';
import { UsageError } from './errors.ts';
import { modelCache, OFFICIAL_MODELS, type OfficialModelName } from './official-models.ts';
import { readJson } from './read-json.ts';

/**
 * Reads a model that `models fetch` brought, with its classes and preprocessing, which its file does not hold.
 *
 * @throws UsageError when it has not been fetched; ModelFileError, UnsupportedLayerError, GraphError
 */
export async function readOfficialModel(name: OfficialModelName): Promise<LayerGraph> {
  const folder = modelCache(name);
  const { file, classes, preprocessing } = OFFICIAL_MODELS[name];
  const path = join(folder, file);
  if (!existsSync(path)) {
    throw new UsageError({
      asked: `model ${name}`,
      got: `no ${path}`,
      remedy: `clearmaps models fetch ${name} downloads it.`,
    });
  }
  const model = await readModel(path);
  return {
    ...model,
    name,
    ...(preprocessing && { preprocessing, preprocessingAssumed: false }),
    ...(classes && { classNames: await readClassIndex(join(folder, classes)) }),
  };
}

/** Keras' `{ "0": ["n01440764", "tench"], ... }`. */
async function readClassIndex(path: string): Promise<readonly string[]> {
  const wanted = { asked: `class names in ${path}`, remedy: 'Delete it and fetch the model again.' };
  const refuse = (): never => {
    throw new UsageError({ ...wanted, got: 'something else than an index of classes' });
  };
  const index = await readJson(path, wanted);
  const rows = index as Readonly<Record<string, readonly [string, string] | undefined>>;
  return Object.keys(rows ?? {}).map((_, i) => {
    const name = rows[i]?.[1];
    return typeof name === 'string' ? name.replaceAll('_', ' ') : refuse();
  });
}
