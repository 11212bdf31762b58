import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { makeFolder, writeWhole } from '@clearmaps/files';
import { ModelFileError } from './errors.ts';
import { fileError, pathInside, readBytes, readJson, sizeOf } from './file-access.ts';
import type { ReadModelOptions } from './graph-builder.ts';
import { asArray, asObject, asText, type JsonObject } from './json-checks.ts';
import { graphFromLayersModel } from './layers-model/graph-from-layers-model.ts';
import { layersModelFromGraph, type WriteModelOptions } from './layers-model/layers-model-from-graph.ts';
import { type ModelMetadata, readMetadata } from './layers-model/metadata.ts';
import { readTeachableMachineMetadata } from './layers-model/teachable-machine.ts';
import { weightBytes } from './layers-model/weights.ts';

const MODEL_JSON = 'model.json';
const WEIGHTS = 'weights.bin';

/**
 * Reads a TensorFlow.js LayersModel from its `model.json` (or the folder that holds it) and the weight files it
 * lists, which must lie in the same folder or below it. Class names and preprocessing of a Teachable Machine export
 * come from the `metadata.json` beside it.
 *
 * @throws ModelFileError when a file is missing, cut short, no JSON or outside the folder, and as
 * `graphFromLayersModel` does.
 */
export async function readLayersModel(path: string, options: ReadModelOptions = {}): Promise<LayerGraph> {
  const file = await findModelJson(path);
  const json = await readModelJson(file);
  const groups = asArray(json.weightsManifest, `${file}: weightsManifest`);
  const buffers: ArrayBuffer[] = [];
  for (const [i, group] of groups.entries()) buffers.push(...(await readGroup(file, group, i)));
  const exported = await readExportMetadata(file);
  return graphFromLayersModel({ ...json, weightData: buffers }, { ...exported, ...options });
}

/** What Teachable Machine writes beside its model.json; empty where there is no such file. */
async function readExportMetadata(file: string): Promise<ReadModelOptions> {
  const path = join(dirname(file), 'metadata.json');
  const isThere = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  return isThere
    ? (readTeachableMachineMetadata(await readJson(path, 'the metadata of a Teachable Machine export')) ?? {})
    : {};
}

/**
 * Reads only what clearmaps has written beside a model: class names, preprocessing, and whatever the writer added.
 *
 * @throws ModelFileError as `readLayersModel` does.
 */
export async function readModelMetadata(path: string): Promise<ModelMetadata> {
  const json = await readModelJson(await findModelJson(path));
  return readMetadata(json.userDefinedMetadata);
}

/**
 * Writes a graph as `model.json` and `weights.bin` into a folder, which is made if need be. Each file is written
 * under a temporary name and renamed, the weights first: a reader never sees half a file.
 *
 * @returns the path of `model.json`.
 * @throws ModelFileError when the folder cannot be written, and as `layersModelFromGraph` does.
 */
export async function writeLayersModel(
  graph: LayerGraph,
  dir: string,
  options: WriteModelOptions = {},
): Promise<string> {
  const { weightSpecs, weightData, ...rest } = layersModelFromGraph(graph, options);
  const json = { ...rest, weightsManifest: [{ paths: [WEIGHTS], weights: weightSpecs }] };
  const file = join(dir, MODEL_JSON);
  try {
    await makeFolder(dir);
    await writeWhole(join(dir, WEIGHTS), new Uint8Array(weightData));
    await writeWhole(file, `${JSON.stringify(json)}\n`);
  } catch (cause) {
    throw fileError(`write ${file}`, cause);
  }
  return file;
}

async function findModelJson(path: string): Promise<string> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw fileError(`read ${path}`, cause);
  });
  return stats.isDirectory() ? join(path, MODEL_JSON) : path;
}

function readModelJson(file: string): Promise<JsonObject> {
  return readJson(file, 'the JSON of a TensorFlow.js LayersModel');
}

async function readGroup(file: string, value: unknown, index: number): Promise<ArrayBuffer[]> {
  const where = `${file}: weightsManifest[${index}]`;
  const group = asObject(value, where);
  const promised = weightBytes(group.weights);
  const shards = asArray(group.paths, `${where}.paths`).map((path, i) =>
    pathInside(file, asText(path, `${where}.paths[${i}]`)),
  );
  // Sizes first: a wrong file may be far larger than memory.
  const sizes = await Promise.all(shards.map((shard) => sizeOf(shard, file)));
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (size !== promised) {
    throw new ModelFileError({
      asked: `weights in ${shards.map((shard) => basename(shard)).join(' + ')} beside ${file}`,
      got: `${size < promised ? 'truncated files' : 'trailing bytes'}: ${sizes.join(' + ')} bytes`,
      allowed: `${promised} bytes, as model.json lists`,
      remedy: 'Take model.json and its weight files from the same export.',
    });
  }
  return Promise.all(shards.map(async (shard) => (await readBytes(shard)).buffer));
}
