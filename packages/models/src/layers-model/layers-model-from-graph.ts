import { INPUT, type LayerGraph, validateGraph, type Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { JsonObject } from '../json-checks.ts';
import { kerasLayers, kerasWeights } from './keras-layers.ts';
import type { ModelMetadata } from './metadata.ts';

export interface LayersModelWeightSpec {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32';
}

/** A LayersModel in memory, as `tf.io.fromMemory` and `graphFromLayersModel` take it. */
export interface LayersModel {
  readonly format: 'layers-model';
  readonly generatedBy: 'clearmaps';
  readonly convertedBy: null;
  readonly modelTopology: JsonObject;
  readonly weightSpecs: LayersModelWeightSpec[];
  /** Little-endian float32, in the order of `weightSpecs`. */
  readonly weightData: ArrayBuffer;
  readonly userDefinedMetadata: { readonly clearmaps: ModelMetadata };
}

export interface WriteModelOptions {
  /** Plain data to travel in `userDefinedMetadata.clearmaps` beside class names and preprocessing: a split, an accuracy. */
  readonly metadata?: JsonObject;
}

/**
 * Writes a graph as a LayersModel that `tf.loadLayersModel` and Keras' converter open: Sequential for a chain,
 * functional otherwise. Each layer stays a layer of the same name, so reading it back gives the same graph, its
 * weights bit for bit; but a convolution with a border in numbers becomes a ZeroPadding2D and a convolution, and an
 * affine layer that could be part of the layer before it comes back as such.
 *
 * @throws GraphError when the graph contradicts itself.
 * @throws ModelFileError for pools with a border in numbers, which Keras has not, and when the metadata uses a name that the graph's own fields have.
 */
export function layersModelFromGraph(
  graph: LayerGraph,
  { metadata = {} }: WriteModelOptions = {},
): LayersModel {
  validateGraph(graph);
  const own = (['classNames', 'preprocessing'] as const).find((field) => metadata[field] !== undefined);
  if (own) {
    throw new ModelFileError({
      asked: `metadata: ${own}`,
      got: 'a value beside the one of the graph',
      remedy: `Set \`${own}\` in the graph.`,
    });
  }
  const weights = graph.layers.flatMap(kerasWeights);
  return {
    format: 'layers-model',
    generatedBy: 'clearmaps',
    convertedBy: null,
    modelTopology: topologyOf(graph),
    weightSpecs: weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
    weightData: joinValues(weights),
    userDefinedMetadata: {
      clearmaps: {
        ...metadata,
        ...(graph.classNames && { classNames: graph.classNames }),
        ...(graph.preprocessing && { preprocessing: graph.preprocessing }),
      },
    },
  };
}

function topologyOf(graph: LayerGraph): JsonObject {
  const isChain = graph.layers.every(
    ({ inputs }, i) => inputs.length === 1 && inputs[0] === (i === 0 ? INPUT : graph.layers[i - 1]!.name),
  );
  const inputLayer = {
    class_name: 'InputLayer',
    config: { batch_input_shape: [null, ...graph.inputShape], dtype: 'float32', sparse: false, name: INPUT },
  };
  const entries = graph.layers.flatMap(kerasLayers);
  const common = { keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' };
  if (isChain) {
    const layers = [inputLayer, ...entries.map(({ inputs, ...entry }) => entry)];
    return { class_name: 'Sequential', config: { name: graph.name, layers }, ...common };
  }
  const layers = [
    { name: INPUT, ...inputLayer, inbound_nodes: [] },
    ...entries.map(({ inputs, ...entry }) => ({
      name: entry.config.name,
      ...entry,
      inbound_nodes: [inputs.map((source) => [source, 0, 0, {}])],
    })),
  ];
  const ends = { input_layers: [[INPUT, 0, 0]], output_layers: [[graph.layers.at(-1)!.name, 0, 0]] };
  return { class_name: 'Model', config: { name: graph.name, layers, ...ends }, ...common };
}

function joinValues(weights: readonly Weight[]): ArrayBuffer {
  const joined = new Float32Array(weights.reduce((sum, { values }) => sum + values.length, 0));
  let offset = 0;
  for (const { values } of weights) {
    joined.set(values, offset);
    offset += values.length;
  }
  return joined.buffer;
}
