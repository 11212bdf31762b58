import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GraphPlan, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { wellKnownPreprocessing } from '@clearmaps/models';
import { BUNDLED_MODELS, bundledModelFolder, readBundledModel, readModel } from '@clearmaps/models/node';
import { UsageError } from './errors.ts';
import { readOfficialModel } from './official-model-files.ts';
import { isOfficial, modelCache, OFFICIAL_MODELS } from './official-models.ts';

const MODEL_FILES = 'model.json, its folder, or an .h5, .onnx or .safetensors file';
/** Of `--model`. */
export const MODEL_HELP = `bundled or fetched model, or path to ${MODEL_FILES}`;

/**
 * `--model`: a bundled name, that of a model which `models fetch` brought, or a path to a model of a kind that `readModel` knows: model.json, a folder, .h5, .onnx,
 * .safetensors. A model without class names takes those of a `labels.json` beside it; one that does not say how
 * pictures become its input is asked for by its name among the well-known nets.
 *
 * @param labels `--labels`: a JSON list of class names, in place of the model's own
 * @throws ModelFileError, UnsupportedLayerError, GraphError, UsageError
 */
export async function loadModel(source: string, labels?: string): Promise<LayerGraph> {
  const model = await readNamed(source);
  const beside = join(modelFolder(source), 'labels.json');
  const path = labels ?? (model.classNames === undefined && existsSync(beside) ? beside : undefined);
  const preprocessing = model.preprocessing ?? wellKnownPreprocessing(model);
  return {
    ...model,
    ...(preprocessing && { preprocessing }),
    ...(path !== undefined && { classNames: await readLabels(path, model) }),
  };
}

async function readNamed(source: string): Promise<LayerGraph> {
  if (isBundled(source)) return readBundledModel(source);
  if (isOfficial(source)) return readOfficialModel(source);
  if (existsSync(source)) return readModel(source);
  throw new UsageError({
    asked: `model ${source}`,
    got: 'no such file or folder',
    allowed: `${BUNDLED_MODELS.join(', ')}; after \`clearmaps models fetch\`, ${Object.keys(OFFICIAL_MODELS).join(', ')}; or a path to ${MODEL_FILES}`,
  });
}

async function readLabels(path: string, model: LayerGraph): Promise<readonly string[]> {
  const { classCount } = new GraphPlan(model);
  const refuse = (got: string, cause?: unknown): never => {
    throw new UsageError({
      asked: `class names in ${path}`,
      got,
      allowed: `a JSON list of ${classCount} texts`,
      cause,
    });
  };
  let names: unknown;
  try {
    names = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    return refuse((cause as NodeJS.ErrnoException).code ?? 'something that is no JSON', cause);
  }
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    return refuse('no list of texts');
  return names.length === classCount ? names : refuse(`${names.length} of them`);
}

export function isBundled(source: string): boolean {
  return (BUNDLED_MODELS as readonly string[]).includes(source);
}

/** The folder that holds what was written beside the model, such as its training.json. */
export function modelFolder(source: string): string {
  if (isBundled(source)) return bundledModelFolder(source);
  if (isOfficial(source)) return modelCache(source);
  return statSync(source, { throwIfNoEntry: false })?.isDirectory() ? source : dirname(source);
}
