import {
  INPUT,
  type Layer,
  type LayerGraph,
  type Preprocessing,
  UnsupportedLayerError,
  validateGraph,
} from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { asArray, asObject, describe } from '../json-checks.ts';
import { type AxisClaim, type LayerBody, readLayer } from './layer-readers.ts';
import { readMetadata } from './metadata.ts';
import { readTopology } from './topology.ts';
import { decodeWeights, type WeightBytes } from './weights.ts';

/** A LayersModel in memory: the fields of `model.json` plus the bytes of its weights (tf.io.ModelArtifacts fits). */
export interface LayersModelFile {
  readonly modelTopology?: unknown;
  /** As in `model.json`; or give `weightSpecs`. */
  readonly weightsManifest?: unknown;
  /** The entries of all groups of the manifest in one list. */
  readonly weightSpecs?: unknown;
  /** Little-endian, in the order of the specs; packed as they say. */
  readonly weightData?: WeightBytes;
  readonly userDefinedMetadata?: unknown;
  readonly format?: unknown;
}

/** What the file does not say, or says otherwise. */
export interface ReadModelOptions {
  readonly name?: string;
  readonly classNames?: readonly string[];
  readonly preprocessing?: Preprocessing;
}

/**
 * Reads a TensorFlow.js LayersModel, written by tfjs-layers or converted from Keras, Sequential or functional.
 * Neither tfjs-layers nor a backend is needed. An activation inside a layer becomes a layer of its own,
 * `<layer>_relu` or `<layer>_softmax`. Class names and preprocessing come from the options, or else from the
 * metadata that clearmaps writes, or else stay undefined.
 *
 * @throws UnsupportedLayerError naming the layer, for layer types and settings that clearmaps does not know.
 * @throws ModelFileError when the file contradicts itself: weights that are missing, of another shape or type than
 * the topology says, or too few bytes of them.
 * @throws GraphError when the layers do not fit each other.
 */
export function graphFromLayersModel(file: LayersModelFile, options: ReadModelOptions = {}): LayerGraph {
  asObject(file, 'LayersModel');
  checkFormat(file);
  const { modelTopology, weightData, userDefinedMetadata } = file;
  const topology = readTopology(modelTopology);
  const weights = decodeWeights(weightSpecs(file), weightData);
  const metadata = readMetadata(userDefinedMetadata);
  const claims: AxisClaim[] = [];
  const layers: Layer[] = [];
  const outputOf = new Map<string, string>([[topology.input, INPUT]]);
  const taken = new Set([INPUT, ...topology.layers.map((layer) => layer.name)]);
  for (const kerasLayer of topology.layers) {
    let inputs = kerasLayer.inputs.map((source) => outputOf.get(source)!);
    const bodies = readLayer(kerasLayer, weights, claims);
    if (bodies.length === 0 && inputs.length !== 1) {
      throw new ModelFileError({
        asked: `layer "${kerasLayer.name}" (${kerasLayer.className}), inputs`,
        got: String(inputs.length),
        allowed: '1',
      });
    }
    bodies.forEach((body, i) => {
      const name = i === 0 ? kerasLayer.name : freeName(`${kerasLayer.name}_${body.type}`, taken);
      layers.push(namedLayer(body, name, inputs));
      inputs = [name];
    });
    outputOf.set(kerasLayer.name, inputs[0]!);
  }
  const classNames = options.classNames ?? metadata.classNames;
  const preprocessing = options.preprocessing ?? metadata.preprocessing;
  const graph: LayerGraph = {
    name: options.name ?? topology.name,
    inputShape: topology.inputShape,
    layers,
    ...(classNames && { classNames }),
    ...(preprocessing && { preprocessing }),
  };
  checkAxes(claims, validateGraph(graph));
  return graph;
}

/** The weight entries of a `model.json`, all groups of its manifest in one list. */
function weightSpecs({ weightSpecs, weightsManifest }: LayersModelFile): unknown {
  if (weightSpecs !== undefined) return weightSpecs;
  return asArray(weightsManifest, 'weightsManifest').flatMap((group, i) =>
    asArray(asObject(group, `weightsManifest[${i}]`).weights, `weightsManifest[${i}].weights`),
  );
}

function checkFormat({ format }: LayersModelFile): void {
  // Files older than this field have none.
  if (format === undefined || format === null || format === 'layers-model') return;
  throw new ModelFileError({
    asked: 'format of the model',
    got: describe(format),
    allowed: '"layers-model"',
    remedy: 'Convert the Keras model with tensorflowjs_converter --output_format=tfjs_layers_model.',
  });
}

function namedLayer(body: LayerBody, name: string, inputs: readonly string[]): Layer {
  return { ...body, name, inputs } as Layer;
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
  taken.add(name);
  return name;
}

function checkAxes(claims: readonly AxisClaim[], shapes: ReadonlyMap<string, readonly number[]>): void {
  for (const { layer, axis } of claims) {
    // A layer keeps the rank of its inputs here, so its own output tells it; the batch counts as axis 0.
    const last = shapes.get(layer.name)!.length;
    if (axis === last) continue;
    throw new UnsupportedLayerError({
      asked: `layer "${layer.name}" (${layer.className}), axis`,
      got: String(axis),
      allowed: `-1 or ${last}, the last axis`,
    });
  }
}
