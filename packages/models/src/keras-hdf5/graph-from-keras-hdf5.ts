import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { caffePreprocessing } from '../image-net-preprocessing.ts';
import { describe } from '../json-checks.ts';
import { graphFromKeras } from '../keras/graph-from-keras.ts';
import type { StoredWeight } from '../keras/keras-weights.ts';
import { readTopology } from '../keras/topology.ts';
import { type ReadVggOptions, vggGraph } from '../vgg.ts';
import { Hdf5File } from './hdf5-file.ts';
import { vggWeights } from './vgg-weights.ts';

/**
 * Reads an HDF5 file of Keras: a whole saved model (`model.save('model.h5')`), or the weights of VGG16 or VGG19 as
 * keras.applications publishes them, `notop` or whole, of any width. Weights alone get VGG's preprocessing (BGR
 * minus the means of ImageNet).
 *
 * @param bytes of the .h5 file
 * @throws UnsupportedLayerError naming the layer, for layers and settings that clearmaps does not know.
 * @throws ModelFileError when the file is cut short, no HDF5, or holds weights of no net that is known.
 * @throws GraphError when the layers do not fit each other.
 */
export function graphFromKerasHdf5(bytes: Uint8Array, options: ReadVggOptions = {}): Promise<LayerGraph> {
  return Hdf5File.use(bytes, (file) => {
    const root = file.has('model_weights') ? 'model_weights' : '';
    refuseTheano(file, root);
    const layers = readWeights(file, root);
    const config = file.text('', 'model_config');
    if (config !== undefined) {
      const weights = [...layers].flatMap(([layer, named]) =>
        named.map(({ name, ...weight }) => [`${layer}/${name}`, weight] as const),
      );
      return graphFromKeras(readTopology(parsed(config)), new Map(weights), options);
    }
    const graph = vggGraph(vggWeights(layers), options);
    return { ...graph, preprocessing: options.preprocessing ?? caffePreprocessing(graph.inputShape) };
  });
}

export type NamedWeight = StoredWeight & { readonly name: string };

function readWeights(file: Hdf5File, root: string): ReadonlyMap<string, readonly NamedWeight[]> {
  const inside = (...names: string[]) => [root, ...names].filter((name) => name !== '').join('/');
  const layers = file.texts(root, 'layer_names');
  if (!layers) {
    throw new ModelFileError({
      asked: 'HDF5 file',
      got: 'no list of layers (the attribute layer_names)',
      allowed: 'a model or weights that Keras has saved as .h5',
      remedy: "Save the whole model with model.save('model.h5').",
    });
  }
  return new Map(
    layers.map((layer) => {
      const names = file.texts(inside(layer), 'weight_names') ?? [];
      return [layer, names.map((name) => ({ name, ...file.weight(inside(layer, name)) }))];
    }),
  );
}

/** Theano's kernels are turned by 180 degrees. */
function refuseTheano(file: Hdf5File, root: string): void {
  const backend = file.text(root, 'backend');
  if (backend !== 'theano') return;
  throw new ModelFileError({
    asked: 'HDF5 file',
    got: 'weights for the Theano backend',
    allowed: 'weights for TensorFlow: files called ..._tf_dim_ordering_tf_kernels...',
  });
}

function parsed(config: string): unknown {
  try {
    return JSON.parse(config);
  } catch (cause) {
    throw new ModelFileError({
      asked: 'HDF5 file: attribute "model_config"',
      got: describe(config),
      allowed: 'JSON',
      cause,
    });
  }
}
