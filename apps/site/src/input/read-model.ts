import type { LayerGraph, Preprocessing } from '@clearmaps/deconvnet/graph';
import {
  CAFFE_PREPROCESSING,
  graphFromLayersModel,
  ModelFileError,
  wellKnownPreprocessing,
} from '@clearmaps/models';
import { SiteError } from '../errors.ts';
import { fetchBytes } from './fetch-bytes.ts';

/** A page has no more memory to spare for one file. */
const MOST_BYTES = 2 ** 29;

/** How bytes become input, where a model does not say. */
export const PREPROCESSINGS: Readonly<
  Record<string, readonly [label: string, (channels: number) => Preprocessing]>
> = {
  unit: ['0 to 1', (channels) => ({ ...common(channels), mean: zeros(channels), std: ones(channels) })],
  signed: ['-1 to 1', (channels) => ({ ...common(channels), mean: halves(channels), std: halves(channels) })],
  caffe: ['blue, green, red, less their means (SqueezeNet, VGG)', () => CAFFE_PREPROCESSING],
};

const zeros = (n: number): number[] => new Array(n).fill(0);
const ones = (n: number): number[] => new Array(n).fill(1);
const halves = (n: number): number[] => new Array(n).fill(0.5);
function common(channels: number) {
  return { channels: channels === 1 ? 'gray' : 'rgb', scale: 1 / 255, resize: 'centerCrop' } as const;
}

/** Finds a file of the model by its name. */
type FindFile = (name: string) => Promise<ArrayBuffer>;

/**
 * Reads a network from files that a visitor gave: `model.json` of a TensorFlow.js LayersModel and its weight files, or
 * an .onnx file; and, if there is one, a JSON list of class names.
 *
 * @param preprocessing a key of PREPROCESSINGS, for a model that does not say
 * @throws SiteError where a file is missing or none of them; ModelFileError, UnsupportedLayerError, GraphError for a
 *   model that is broken or that clearmaps does not know.
 */
export async function readModelFiles(files: readonly File[], preprocessing: string): Promise<LayerGraph> {
  const jsons = await Promise.all(
    files
      .filter(({ name }) => name.toLowerCase().endsWith('.json'))
      .map(async (file) => ({ name: file.name, value: await parse(file) })),
  );
  const model = jsons.find(({ value }) => isRecord(value));
  const labels = jsons.find(({ value }) => Array.isArray(value))?.value;
  const onnx = files.find(({ name }) => name.toLowerCase().endsWith('.onnx'));
  if (onnx) {
    const { graphFromOnnx } = await import('@clearmaps/models/onnx');
    const bytes = new Uint8Array(await bytesOf(onnx));
    const name = onnx.name.replace(/\.onnx$/i, '');
    return withPreprocessing(graphFromOnnx(bytes, { name, classNames: namesFrom(labels) }), preprocessing);
  }
  if (!model) {
    throw new SiteError({
      asked: 'a model',
      got: files.map(({ name }) => name).join(', '),
      allowed:
        'an .onnx file, or model.json of a TensorFlow.js LayersModel together with its weight files (.bin)',
      remedy: 'Drop all of its files at once.',
    });
  }
  return graph(model.value, labels, preprocessing, async (path) => {
    const name = path.split('/').at(-1);
    const file = files.find((each) => each.name === name);
    if (file) return bytesOf(file);
    throw new SiteError({
      asked: `the weight file ${name}, which ${model.name} lists`,
      got: files.map((each) => each.name).join(', '),
      remedy: 'Drop model.json and all of its weight files at once.',
    });
  });
}

/** The same from a folder on the web, with class names in `labels.json` if there is one. */
export async function fetchModel(folder: string, preprocessing: string): Promise<LayerGraph> {
  const base = new URL(folder.endsWith('/') ? folder : `${folder}/`, location.href);
  const at = (name: string): string => new URL(name, base).href;
  const json = parseText(await fetchBytes(at('model.json')), 'model.json');
  const labels = await fetchBytes(at('labels.json')).then(
    (bytes) => parseText(bytes, 'labels.json'),
    () => undefined,
  );
  return graph(json, labels, preprocessing, (name) => fetchBytes(at(name)));
}

async function graph(
  json: unknown,
  labels: unknown,
  preprocessing: string,
  find: FindFile,
): Promise<LayerGraph> {
  if (!isRecord(json))
    throw new ModelFileError({ asked: 'model.json', got: 'no object', allowed: 'a LayersModel' });
  const groups: unknown = json.weightsManifest;
  const paths = Array.isArray(groups)
    ? groups.flatMap((group: { paths?: unknown }) => (Array.isArray(group?.paths) ? group.paths : []))
    : [];
  const weightData: ArrayBuffer[] = [];
  for (const path of paths) weightData.push(await find(String(path)));
  const model = graphFromLayersModel({ ...json, weightData }, { classNames: namesFrom(labels) });
  return withPreprocessing(model, preprocessing);
}

function withPreprocessing(model: LayerGraph, chosen: string): LayerGraph {
  const preprocessing =
    model.preprocessing ?? wellKnownPreprocessing(model) ?? PREPROCESSINGS[chosen]![1](model.inputShape[2]);
  return { ...model, preprocessing };
}

function namesFrom(labels: unknown): string[] | undefined {
  return Array.isArray(labels) && labels.every((label) => typeof label === 'string') ? labels : undefined;
}

async function parse(file: File): Promise<unknown> {
  return parseText(await bytesOf(file), file.name);
}

function parseText(bytes: ArrayBuffer, name: string): unknown {
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
  if (file.size <= MOST_BYTES) return file.arrayBuffer();
  throw new SiteError({ asked: file.name, got: `${file.size} bytes`, allowed: `up to ${MOST_BYTES} bytes` });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
