import type * as tfl from '@tensorflow/tfjs-layers';
import { File, ready } from 'h5wasm';

let written = 0;

/** Writes an HDF5 file in memory with h5wasm itself. */
export async function hdf5(write: (file: File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const path = `/written-${++written}.h5`;
  const file = new File(path, 'w');
  write(file);
  file.close();
  const bytes = FS.readFile(path) as Uint8Array;
  FS.unlink(path);
  return bytes;
}

export type LayerWeights = Readonly<
  Record<string, { readonly shape: number[]; readonly values: Float32Array }>
>;

/** A group with the weights of each layer, as Keras lays them out. */
export function writeWeights(file: File, root: string, layers: Readonly<Record<string, LayerWeights>>): void {
  const group = root === '' ? file : file.create_group(root);
  group.create_attribute('layer_names', Object.keys(layers));
  group.create_attribute('backend', 'tensorflow');
  for (const [layer, weights] of Object.entries(layers)) {
    const own = group.create_group(layer);
    const names = Object.keys(weights);
    if (names.length > 0) own.create_attribute('weight_names', names);
    for (const [name, { shape, values }] of Object.entries(weights)) {
      // Names such as conv1/kernel:0 make groups of their own.
      const [leaf, ...folders] = name.split('/').reverse() as [string, ...string[]];
      let at = own;
      for (const folder of folders.reverse()) {
        at = at.keys().includes(folder) ? (at.get(folder) as typeof own) : at.create_group(folder);
      }
      at.create_dataset({ name: leaf, data: values, shape, dtype: '<f4' });
    }
  }
}

/** What `model.save('model.h5')` of Keras 2 writes: the topology as JSON, the weights by their layers. */
export async function savedByKeras(model: tfl.LayersModel): Promise<Uint8Array> {
  const topology = JSON.parse(model.toJSON(null, true) as string) as object;
  const layers: Record<string, LayerWeights> = {};
  for (const layer of model.layers) {
    layers[layer.name] = Object.fromEntries(
      layer.weights.map((weight) => [
        `${weight.originalName}:0`,
        { shape: weight.shape as number[], values: weight.read().dataSync() as Float32Array },
      ]),
    );
  }
  return hdf5((file) => {
    file.create_attribute('keras_version', '2.4.0');
    file.create_attribute('model_config', JSON.stringify(topology));
    writeWeights(file, 'model_weights', layers);
  });
}
