import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import {
  graphFromLayersModel,
  ModelFileError,
  type ModelKind,
  modelKind,
  type ReadModelOptions,
  readTeachableMachineMetadata,
} from '@clearmaps/models';
import { SiteError } from '../errors.ts';
import { fetchBytes } from './fetch-bytes.ts';
import { withPreprocessing } from './model-preprocessing.ts';

/** A page has no more memory to spare for one file. */
const MOST_MEBIBYTES = 512;
/** Models, their weights, and what people take for models; a drop that holds none of them is a picture. */
const MODEL_FILE = /\.(json|bin|onnx|data|h5|hdf5|safetensors|keras|pth?|pb|tflite)$/i;
/** Files that may be a whole model; the others lie beside one. */
const WHOLE_MODEL = /\.(onnx|h5|hdf5|safetensors|keras|pth?|pb|tflite)$/i;
const ALLOWED =
  'an .onnx, .h5 or .safetensors file, or model.json of a TensorFlow.js LayersModel together with its weight files';

/** Finds a file beside the model by the path that the model gives it. */
type FindFile = (path: string) => Promise<ArrayBuffer>;

interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly find: FindFile;
  readonly options: ReadModelOptions;
}

/** A network of the visitor's own, and what it was read from. */
export interface OwnModel {
  readonly model: LayerGraph;
  readonly kind: ModelKind;
  /** The name of the file that says what the net is. */
  readonly file: string;
}

/** Readers are loaded with the first file of their kind; that of HDF5 weighs 1 MB compressed. */
const READERS: Readonly<Record<ModelKind, (file: ModelFile) => Promise<LayerGraph>>> = {
  LayersModel: readLayersModel,
  async HDF5({ bytes, options }) {
    const { graphFromKerasHdf5 } = await import('@clearmaps/models/keras-hdf5');
    return graphFromKerasHdf5(bytes, options);
  },
  async ONNX({ name, bytes, find, options }) {
    const { externalFilesOf, graphFromOnnx } = await import('@clearmaps/models/onnx');
    const externalData = new Map<string, Uint8Array>();
    for (const { path, bytes: needed } of externalFilesOf(bytes)) {
      const weights = new Uint8Array(await find(path));
      if (weights.length < needed) {
        throw new ModelFileError({
          asked: `the weight file ${path} of ${name}`,
          got: `a truncated file: ${weights.length} bytes`,
          allowed: `${needed} bytes or more`,
          remedy: 'Take the model and its weight files from the same export.',
        });
      }
      externalData.set(path, weights);
    }
    return graphFromOnnx(bytes, { ...options, externalData });
  },
  async safetensors({ bytes, options }) {
    const { graphFromSafetensors } = await import('@clearmaps/models/safetensors');
    return graphFromSafetensors(bytes, options);
  },
};

/** Whether one of these files belongs to a model. */
export function holdModel(files: readonly File[]): boolean {
  return files.some(({ name }) => MODEL_FILE.test(name));
}

/**
 * Reads a network from files that a visitor gave: `model.json` of a TensorFlow.js LayersModel and its weight files, an
 * .onnx file and its weight files if it has any, Keras HDF5 or safetensors; and, if there is one, a JSON list of class
 * names, or the metadata.json of a Teachable Machine export.
 *
 * @param preprocessing a key of PREPROCESSINGS, for a model that does not say
 * @throws SiteError where a file is missing or none of them; ModelFileError, UnsupportedLayerError, GraphError for a
 *   model that is broken or that clearmaps does not know.
 */
export async function readModelFiles(files: readonly File[], preprocessing: string): Promise<OwnModel> {
  const jsons = new Map<File, unknown>();
  for (const file of files) {
    if (/\.json$/i.test(file.name)) jsons.set(file, parse(await bytesOf(file), file.name));
  }
  const model = modelAmong(files, jsons);
  const options = optionsFrom([...jsons].filter(([file]) => file !== model).map(([, json]) => json));
  const find: FindFile = (path) => {
    const name = path.split('/').at(-1);
    const file = files.find((each) => each.name === name);
    if (file) return bytesOf(file);
    throw new SiteError({
      asked: `the weight file ${name}, which ${model.name} lists`,
      got: namesOf(files),
      remedy: `Drop ${model.name} and all of its weight files at once.`,
    });
  };
  return read(
    { name: model.name, bytes: new Uint8Array(await bytesOf(model)), find, options },
    preprocessing,
  );
}

/**
 * The same from the web: a folder that holds model.json, or the file of a model of another kind, with class names in
 * `labels.json` beside it if there is one.
 */
export async function fetchModel(address: string, preprocessing: string): Promise<OwnModel> {
  const whole = new URL(address, location.href);
  const isFile = MODEL_FILE.test(whole.pathname);
  const model = isFile ? whole : new URL('model.json', address.endsWith('/') ? whole : `${whole}/`);
  const base = new URL('.', model).href;
  const bytes = new Uint8Array(await fetchBytes(model.href));
  const labels = await fetchBytes(new URL('labels.json', base).href).then(
    (found) => [parse(found, 'labels.json')],
    () => [],
  );
  const find: FindFile = async (path) => {
    const { href } = new URL(path, base);
    if (href.startsWith(base)) return fetchBytes(href);
    throw new ModelFileError({
      asked: `the weight file ${path}`,
      got: `the address ${href}`,
      allowed: `addresses below ${base}`,
    });
  };
  const name = decodeURIComponent(model.pathname.split('/').at(-1)!);
  return read({ name, bytes, find, options: optionsFrom(labels) }, preprocessing);
}

async function read(file: ModelFile, preprocessing: string): Promise<OwnModel> {
  const kind = modelKind(file.bytes.subarray(0, 16), file.name);
  // A LayersModel names itself; exporters call every net of the other kinds the same.
  const options =
    kind === 'LayersModel' ? file.options : { ...file.options, name: file.name.replace(/\.\w+$/, '') };
  const model = withPreprocessing(await READERS[kind]({ ...file, options }), preprocessing);
  const last = model.layers.at(-1)!;
  if (last.type !== 'maxPool2d') return { model, kind, file: file.name };
  throw new ModelFileError({
    asked: `classes of ${file.name}`,
    got: `a net without its last layers (notop): it ends in ${last.name}`,
    allowed: 'a net that gives class scores',
    remedy: 'Take the whole file of the same net.',
  });
}

async function readLayersModel({ name, bytes, find, options }: ModelFile): Promise<LayerGraph> {
  const json = parse(bytes.buffer, name);
  if (!isRecord(json)) throw new ModelFileError({ asked: name, got: 'no object', allowed: 'a LayersModel' });
  const groups: unknown = json.weightsManifest;
  const paths = Array.isArray(groups)
    ? groups.flatMap((group: { paths?: unknown }) => (Array.isArray(group?.paths) ? group.paths : []))
    : [];
  const weightData: ArrayBuffer[] = [];
  for (const path of paths) weightData.push(await find(String(path)));
  return graphFromLayersModel({ ...json, weightData }, options);
}

/** The file that says what the net is. */
function modelAmong(files: readonly File[], jsons: ReadonlyMap<File, unknown>): File {
  const whole = files.filter(({ name }) => WHOLE_MODEL.test(name));
  const json = [...jsons].filter(([, value]) => isRecord(value) && !readTeachableMachineMetadata(value));
  const found = [...whole, ...json.map(([file]) => file)];
  if (found.length === 1) return found[0]!;
  throw new SiteError({
    asked: found.length === 0 ? 'a model' : 'one model',
    got: namesOf(found.length === 0 ? files : found),
    allowed: ALLOWED,
    remedy: found.length === 0 ? 'Drop all of its files at once.' : 'Drop one after the other.',
  });
}

/** What files beside a model say: a list of class names, or what Teachable Machine writes. */
function optionsFrom(jsons: readonly unknown[]): ReadModelOptions {
  const labels = jsons.find(
    (json): json is string[] => Array.isArray(json) && json.every((label) => typeof label === 'string'),
  );
  const exported = jsons.filter(isRecord).map(readTeachableMachineMetadata)[0];
  return { ...exported, ...(labels && { classNames: labels }) };
}

function namesOf(files: readonly File[]): string {
  return files.map(({ name }) => name).join(', ');
}

function parse(bytes: ArrayBuffer, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new SiteError({
      asked: name,
      got: bytes.byteLength === 0 ? 'an empty file' : 'no JSON: the file is damaged or cut short',
      remedy: 'Export the model again, or download it again.',
      cause,
    });
  }
}

async function bytesOf(file: File): Promise<ArrayBuffer> {
  if (file.size > MOST_MEBIBYTES * 2 ** 20) {
    throw new SiteError({
      asked: file.name,
      got: `${Math.ceil(file.size / 2 ** 20)} MiB`,
      allowed: `up to ${MOST_MEBIBYTES} MiB in a page`,
      remedy: 'The command line reads larger ones: clearmaps explain --model.',
    });
  }
  return file.arrayBuffer().catch((cause: unknown) => {
    throw new SiteError({
      asked: file.name,
      got: 'no file that can be read: a folder, or one that has changed meanwhile',
      remedy: 'Drop the files that are in it.',
      cause,
    });
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
