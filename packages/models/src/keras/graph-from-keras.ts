import { INPUT, type LayerGraph } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { GraphBuilder, type ReadModelOptions } from '../graph-builder.ts';
import { unsupportedLayers } from '../unsupported-layers.ts';
import type { KerasWeights } from './keras-weights.ts';
import { LayerConfig } from './layer-config.ts';
import { LAYER_READERS } from './layer-readers.ts';
import type { Topology } from './topology.ts';

/** The Keras classes that can be read, `InputLayer` and models inside models among them. */
export const SUPPORTED_KERAS_LAYERS: readonly string[] = [
  'InputLayer',
  ...Object.keys(LAYER_READERS),
  'Sequential',
  'Functional',
];

/**
 * A LayerGraph from a Keras topology and its weights, whichever file they come from.
 *
 * @throws UnsupportedLayerError, ModelFileError, GraphError as the readers of such files say.
 */
export function graphFromKeras(
  topology: Topology,
  weights: KerasWeights,
  { name, ...about }: ReadModelOptions,
): LayerGraph {
  const types = topology.layers.map((layer) => ({ name: layer.name, type: layer.className }));
  const unsupported = unsupportedLayers(types, SUPPORTED_KERAS_LAYERS);
  if (unsupported) throw unsupported;
  const builder = new GraphBuilder(
    topology.inputShape,
    topology.layers.map((layer) => layer.name),
  );
  const outputOf = new Map<string, string>([[topology.input, INPUT]]);
  for (const layer of topology.layers) {
    const inputs = layer.inputs.map((source) => outputOf.get(source)!);
    const config = new LayerConfig(
      layer,
      weights,
      inputs.map((input) => builder.shape(input)),
    );
    const bodies = LAYER_READERS[layer.className]!(config);
    if (bodies.length === 0 && inputs.length !== 1) {
      throw new ModelFileError({
        asked: `layer "${layer.name}" (${layer.className}), inputs`,
        got: String(inputs.length),
        allowed: '1',
      });
    }
    outputOf.set(layer.name, bodies.length === 0 ? inputs[0]! : builder.chain(bodies, layer.name, inputs));
  }
  return builder.finish({ name: name ?? topology.name, ...about });
}
