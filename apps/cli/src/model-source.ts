import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GraphPlan, type LayerGraph, type Preprocessing } from '@clearmaps/deconvnet/graph';
import { readPreprocessing, wellKnownPreprocessing } from '@clearmaps/models';
import { BUNDLED_MODELS, bundledModelFolder, readBundledModel, readModel } from '@clearmaps/models/node';
import { UsageError } from './errors.ts';
import { readOfficialModel } from './official-model-files.ts';
import { isOfficial, modelCache, OFFICIAL_MODELS } from './official-models.ts';
import { readJson } from './read-json.ts';
import type { Terminal } from './terminal.ts';

const MODEL_FILES = 'model.json, its folder, or an .h5, .onnx or .safetensors file';
/** Of `--model`. */
export const MODEL_HELP = `bundled or fetched model, or path to ${MODEL_FILES}`;

/**
 * `--model`: a bundled name, that of a model which `models fetch` brought, or a path to a model of a kind that `readModel` knows: model.json, a folder, .h5, .onnx,
 * .safetensors. A model without class names takes those of a `labels.json` beside it. How pictures become its input a
 * `preprocessing.json` beside it says, or else the model, or else its name among the well-known nets.
 *
 * @param labels `--labels`: a JSON list of class names, in place of the model's own
 * @throws ModelFileError, UnsupportedLayerError, GraphError, UsageError
 */
export async function loadModel(source: string, labels?: string): Promise<LayerGraph> {
  const { preprocessingAssumed, ...model } = await readNamed(source);
  const beside = join(modelFolder(source), 'labels.json');
  const path = labels ?? (model.classNames === undefined && existsSync(beside) ? beside : undefined);
  const stated = await preprocessingBeside(source);
  const preprocessing = stated ?? model.preprocessing ?? wellKnownPreprocessing(model);
  return {
    ...model,
    ...(preprocessing && { preprocessing }),
    ...(preprocessingAssumed && stated === undefined && { preprocessingAssumed }),
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

async function preprocessingBeside(source: string): Promise<Preprocessing | undefined> {
  const path = join(modelFolder(source), 'preprocessing.json');
  if (isBundled(source) || isOfficial(source) || !existsSync(path)) return undefined;
  const allowed = 'what `clearmaps inspect --json` prints as "preprocessing"';
  return readPreprocessing(await readJson(path, { asked: `preprocessing in ${path}`, allowed }), path);
}

async function readLabels(path: string, model: LayerGraph): Promise<readonly string[]> {
  const { classCount } = new GraphPlan(model);
  const wanted = { asked: `class names in ${path}`, allowed: `a JSON list of ${classCount} texts` };
  const names = await readJson(path, wanted);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw new UsageError({ ...wanted, got: 'no list of texts' });
  if (names.length === classCount) return names;
  throw new UsageError({ ...wanted, got: `${names.length} of them` });
}

/** Where it matters: a net that is fed otherwise than it was trained answers wrongly, without an error. */
export function noteAssumedPreprocessing(
  { name, preprocessing, preprocessingAssumed }: LayerGraph,
  { stderr }: Terminal,
): void {
  if (preprocessing !== undefined && !preprocessingAssumed) return;
  const assumed =
    preprocessing === undefined
      ? 'bytes / 255, stretched to its size, is'
      : "torchvision's, RGB / 255 less ImageNet's mean over its deviation, cut from the centre, is";
  stderr.write(
    `Note: "${name}" does not say how pictures become its input: ${assumed} assumed. ` +
      'A preprocessing.json beside the model says it.\n',
  );
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
