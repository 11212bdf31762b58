import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { makeFolder } from '@clearmaps/files';
import writeFileAtomic from 'write-file-atomic';
import { ModelFileError } from './errors.ts';
import type { ReadModelOptions } from './graph-builder.ts';
import { asArray, asObject, asText, describe, type JsonObject } from './json-checks.ts';
import { graphFromLayersModel } from './layers-model/graph-from-layers-model.ts';
import { layersModelFromGraph, type WriteModelOptions } from './layers-model/layers-model-from-graph.ts';
import { type ModelMetadata, readMetadata } from './layers-model/metadata.ts';
import { weightBytes } from './layers-model/weights.ts';

const MODEL_JSON = 'model.json';
const WEIGHTS = 'weights.bin';

/**
 * Reads a TensorFlow.js LayersModel from its `model.json` (or the folder that holds it) and the weight files it
 * lists, which must lie in the same folder or below it.
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
  return graphFromLayersModel({ ...json, weightData: buffers }, options);
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
    await writeFileAtomic(join(dir, WEIGHTS), Buffer.from(weightData));
    await writeFileAtomic(file, `${JSON.stringify(json)}\n`);
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

async function readModelJson(file: string): Promise<JsonObject> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw fileError(`read ${file}`, cause);
  });
  try {
    return asObject(JSON.parse(text.replace(/^\uFEFF/, '')), file);
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    const isHtml = /^\s*</.test(text);
    throw new ModelFileError({
      asked: `read ${file}`,
      got: isHtml ? 'an HTML page' : `${text.length === 0 ? 'an empty file' : 'no JSON'}`,
      allowed: 'the JSON of a TensorFlow.js LayersModel',
      remedy: isHtml
        ? 'A server has answered with a page (an error or a login) in place of the file; download it again.'
        : 'Give the path of model.json or of its folder.',
      cause,
    });
  }
}

async function readGroup(file: string, value: unknown, index: number): Promise<ArrayBuffer[]> {
  const where = `${file}: weightsManifest[${index}]`;
  const group = asObject(value, where);
  const promised = weightBytes(group.weights);
  const shards = asArray(group.paths, `${where}.paths`).map((path, i) =>
    shardPath(file, asText(path, `${where}.paths[${i}]`)),
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
  return Promise.all(
    shards.map(async (shard) => {
      const bytes = await readFile(shard).catch((cause: unknown) => {
        throw fileError(`read ${shard}`, cause);
      });
      return Uint8Array.from(bytes).buffer;
    }),
  );
}

function shardPath(file: string, path: string): string {
  const dir = dirname(resolve(file));
  const shard = resolve(dir, path);
  const inside = relative(dir, shard);
  const leaves = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  if (!leaves && !isAbsolute(path)) return shard;
  throw new ModelFileError({
    asked: `${file}: path of a weight file`,
    got: describe(path),
    allowed: 'relative paths that stay in the folder of model.json',
    remedy: 'Put the weights beside model.json; do not open models from sources you do not trust.',
  });
}

async function sizeOf(shard: string, file: string): Promise<number> {
  const stats = await stat(shard).catch((cause: unknown) => {
    throw fileError(`weights ${shard}, listed in ${file}`, cause);
  });
  if (stats.isFile()) return stats.size;
  throw new ModelFileError({
    asked: `weights ${shard}, listed in ${file}`,
    got: 'something that is no file',
  });
}

function fileError(asked: string, cause: unknown): ModelFileError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file or folder',
    ENOTDIR: 'a path through something that is no folder',
    EISDIR: 'a folder where a file was expected',
    EEXIST: 'a file where a folder was expected',
    EACCES: 'no permission',
    EPERM: 'no permission',
    ENOSPC: 'no space left on the disk',
  };
  return new ModelFileError({
    asked,
    got: (code && reasons[code]) || message,
    remedy: 'Check the path and its permissions; model.json and its weight files belong into one folder.',
    cause,
  });
}
