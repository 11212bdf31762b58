import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from './errors.ts';
import { fileError, pathInside, readBytes, readStart, sizeOf } from './file-access.ts';
import type { ReadModelOptions } from './graph-builder.ts';
import { graphFromKerasHdf5 } from './keras-hdf5/index.ts';
import { readLayersModel } from './model-files.ts';
import { type ModelKind, modelKind } from './model-kind.ts';
import { externalFilesOf, graphFromOnnx } from './onnx-file/index.ts';
import { graphFromSafetensors } from './safetensors/index.ts';

/**
 * Reads a model of any kind that clearmaps knows and tells the kind by what is in the file: a TensorFlow.js
 * LayersModel (its model.json or the folder that holds it, Teachable Machine exports among them), Keras HDF5, ONNX
 * (weights beside it included), or safetensors of a torchvision VGG. A folder without model.json may hold one file
 * of the other kinds.
 *
 * @throws UnsupportedLayerError, ModelFileError, GraphError as the reader of the kind does.
 */
export async function readModel(path: string, options: ReadModelOptions = {}): Promise<LayerGraph> {
  const file = await modelFileOf(path);
  const kind = modelKind(await readStart(file, 16), file);
  try {
    return await READERS[kind](file, options);
  } catch (cause) {
    // Readers of bytes do not know which file they came from.
    if (!(cause instanceof ModelFileError) || cause.details.asked.includes(file)) throw cause;
    throw new ModelFileError({ ...cause.details, asked: `${file}: ${cause.details.asked}`, cause });
  }
}

const READERS: Readonly<Record<ModelKind, (file: string, options: ReadModelOptions) => Promise<LayerGraph>>> =
  {
    LayersModel: readLayersModel,
    HDF5: async (file, options) => graphFromKerasHdf5(await readBytes(file), named(file, options)),
    safetensors: async (file, options) => graphFromSafetensors(await readBytes(file), named(file, options)),
    ONNX: async (file, options) => {
      const bytes = await readBytes(file);
      const externalData = await readExternal(file, bytes);
      return graphFromOnnx(bytes, { ...named(file, options), externalData });
    },
  };

/** Exporters call every net the same; its file is called as its owner knows it. */
function named(file: string, options: ReadModelOptions): ReadModelOptions {
  return { ...options, name: options.name ?? basename(file, extname(file)) };
}

async function modelFileOf(path: string): Promise<string> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw fileError(`read ${path}`, cause);
  });
  if (!stats.isDirectory()) return path;
  const names = await readdir(path);
  const others = names.filter((name) => /\.(h5|hdf5|onnx|safetensors)$/.test(name));
  if (names.includes('model.json')) return join(path, 'model.json');
  if (others.length === 1) return join(path, others[0]!);
  throw new ModelFileError({
    asked: `model in the folder ${path}`,
    got: others.join(', ') || 'none',
    allowed: 'a model.json, or one .h5, .onnx or .safetensors file',
    remedy: 'Give the path of the file.',
  });
}

async function readExternal(file: string, bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const data = new Map<string, Uint8Array>();
  for (const { path, bytes: needed } of externalFilesOf(bytes)) {
    const full = pathInside(file, path);
    const size = await sizeOf(full, file);
    if (size < needed) {
      throw new ModelFileError({
        asked: `weights ${full}, listed in ${file}`,
        got: `a truncated file: ${size} bytes`,
        allowed: `${needed} bytes or more`,
        remedy: 'Take the model and its weight files from the same export.',
      });
    }
    data.set(path, await readStart(full, needed));
  }
  return data;
}
