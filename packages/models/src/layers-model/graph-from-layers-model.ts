import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { ReadModelOptions } from '../graph-builder.ts';
import { asArray, asObject, describe } from '../json-checks.ts';
import { graphFromKeras } from '../keras/graph-from-keras.ts';
import { readTopology } from '../keras/topology.ts';
import { readMetadata } from './metadata.ts';
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
  const metadata = readMetadata(userDefinedMetadata);
  const weights = decodeWeights(weightSpecs(file), weightData);
  return graphFromKeras(topology, weights, {
    name: options.name,
    classNames: options.classNames ?? metadata.classNames,
    preprocessing: options.preprocessing ?? metadata.preprocessing,
  });
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
