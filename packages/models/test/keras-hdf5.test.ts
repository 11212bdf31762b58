import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnsupportedLayerError, validateGraph } from '@clearmaps/deconvnet/graph';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ModelFileError } from '../src/index.ts';
import { graphFromKerasHdf5 } from '../src/keras-hdf5/index.ts';
import { hdf5, type LayerWeights, savedByKeras, writeWeights } from './hdf5-writer.ts';
import { randomInput } from './random-graphs.ts';
import { referenceForward } from './reference-forward.ts';
import { sharedFolder } from './shared-files.ts';
import { teachableMachineModel } from './teachable-machine-model.ts';
import { expectClose, predict, scrambled } from './tfjs-models.ts';

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const folder = sharedFolder('models/vgg16-thin');

describe.skipIf(folder.missing)(`VGG16 without its top, at 1/8 width${folder.missing}`, () => {
  it('loads exactly: every weight is that of its formula', async () => {
    const graph = await graphFromKerasHdf5(readFileSync(join(folder.path, 'vgg16_thin_notop.h5')));
    const convs = graph.layers.filter((layer) => layer.type === 'conv2d');
    expect(convs).toHaveLength(13);
    for (const [l, { kernel, bias }] of convs.entries()) {
      const [, , cin] = kernel.shape as [number, number, number];
      const scale = Math.sqrt(2 / (9 * cin));
      // The formula was computed in float64 and stored as float32.
      const differ = kernel.values.findIndex(
        (value, i) => Math.abs(value - Math.sin(0.37 * i + l) * scale) > 1e-7,
      );
      expect(differ, `layer ${l}`).toBe(-1);
      expectClose(
        bias!.values,
        bias!.values.map((_, i) => 0.01 * Math.cos(i + l)),
        1e-9,
      );
    }
  });

  it('has the layers of keras.applications and VGG’s preprocessing, at any input size', async () => {
    const bytes = readFileSync(join(folder.path, 'vgg16_thin_notop.h5'));
    const graph = await graphFromKerasHdf5(bytes);
    const shapes = validateGraph(graph);
    expect(shapes.get('block1_conv2_relu')).toEqual([224, 224, 8]);
    expect(graph.layers.at(-1)).toMatchObject({ name: 'block5_pool', type: 'maxPool2d' });
    expect(shapes.get('block5_pool')).toEqual([7, 7, 64]);
    expect(graph.preprocessing).toMatchObject({ channels: 'bgr', mean: [103.939, 116.779, 123.68] });
    const small = await graphFromKerasHdf5(bytes, { inputShape: [32, 64, 3] });
    expect(validateGraph(small).get('block5_pool')).toEqual([1, 2, 64]);
  });
});

const wave = (...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) / 4),
});

/** Layers of a VGG of two blocks, with names as they differ between versions of Keras. */
const vgg = (style: (layer: string, kind: 'kernel' | 'bias') => string): Record<string, LayerWeights> => {
  const layer = (name: string, ...shape: number[]) => ({
    [name]: { [style(name, 'kernel')]: wave(...shape), [style(name, 'bias')]: wave(shape.at(-1)!) },
  });
  return {
    input_1: {},
    ...layer('block1_conv1', 3, 3, 3, 2),
    block1_pool: {},
    ...layer('block2_conv1', 3, 3, 2, 3),
    ...layer('block2_conv2', 3, 3, 3, 3),
    block2_pool: {},
    flatten: {},
    ...layer('fc1', 12, 5),
    ...layer('fc2', 5, 5),
    ...layer('predictions', 5, 4),
  };
};

describe('weights of a whole VGG', () => {
  it.each<[string, (layer: string, kind: 'kernel' | 'bias') => string]>([
    ['of 2016', (layer, kind) => `${layer}_${kind === 'kernel' ? 'W' : 'b'}_1:0`],
    ['of Keras 2', (layer, kind) => `${layer}/${kind}:0`],
  ])('%s give the whole net, its input size from the first dense layer', async (_, style) => {
    const layers = vgg(style);
    const graph = await graphFromKerasHdf5(await hdf5((file) => writeWeights(file, '', layers)));
    expect(graph.inputShape).toEqual([8, 8, 3]);
    expect(graph.layers.map((layer) => layer.name).slice(-8)).toEqual([
      'block2_pool',
      'flatten',
      'fc1',
      'fc1_relu',
      'fc2',
      'fc2_relu',
      'predictions',
      'predictions_softmax',
    ]);
    expect(graph.layers[0]).toMatchObject({ kernel: wave(3, 3, 3, 2), bias: wave(2) });
  });

  it.each<[string, (layers: Record<string, LayerWeights>) => void, RegExp]>([
    [
      'a layer of another net',
      (layers) => Object.assign(layers, { conv2d_7: { a: wave(1) } }),
      /got layer "conv2d_7" among .*allowed: the layers of VGG16 or VGG19.*Save other nets whole/,
    ],
    ['a convolution missing', (layers) => delete layers.block2_conv1, /got layer "block2_conv2"/],
    ['a dense layer missing', (layers) => delete layers.predictions, /got layer "predictions"/],
    [
      'no convolutions',
      (layers) => {
        for (const name of Object.keys(layers)) delete layers[name];
        layers.input_1 = {};
      },
      /got no among input_1/,
    ],
    [
      'a bias missing',
      (layers) => Object.assign(layers, { fc2: { k: wave(5, 5) } }),
      /weights of "fc2": got k float32 \[5, 5\]; allowed: a kernel of rank 2 and a bias/,
    ],
    [
      'a dense layer for no square',
      (layers) => Object.assign(layers, { fc1: { k: wave(9, 5), b: wave(5) } }),
      /got 9 inputs; allowed: 3 channels of a square/,
    ],
  ])('with %s are refused', async (_, edit, message) => {
    const layers = vgg((layer, kind) => `${layer}/${kind}:0`);
    edit(layers);
    const bytes = await hdf5((file) => writeWeights(file, '', layers));
    await expect(graphFromKerasHdf5(bytes)).rejects.toThrow(message);
    await expect(graphFromKerasHdf5(bytes)).rejects.toThrow(ModelFileError);
  });
});

describe('a whole model saved by Keras', () => {
  it('reads the same as tfjs-layers predicts, models inside models too', async () => {
    const model = scrambled(teachableMachineModel());
    const graph = await graphFromKerasHdf5(await savedByKeras(model));
    const image = randomInput(graph, 4);
    const answer = referenceForward(graph, image).get(graph.layers.at(-1)!.name)!.values;
    expectClose(await predict(model, graph, image), answer);
    expect(graph.preprocessing).toBeUndefined();
    model.dispose();
  });

  it('with layers that are not known names them all', async () => {
    const topology = {
      class_name: 'Sequential',
      config: {
        name: 'net',
        layers: [
          { class_name: 'InputLayer', config: { name: 'data', batch_input_shape: [null, 4, 4, 1] } },
          { class_name: 'GaussianNoise', config: { name: 'noise' } },
          { class_name: 'LSTM', config: { name: 'memory' } },
        ],
      },
    };
    const bytes = await hdf5((file) => {
      file.create_attribute('model_config', JSON.stringify(topology));
      writeWeights(file, 'model_weights', {});
    });
    await expect(graphFromKerasHdf5(bytes)).rejects.toThrow(UnsupportedLayerError);
    await expect(graphFromKerasHdf5(bytes)).rejects.toThrow('got "noise" (GaussianNoise), "memory" (LSTM)');
  });

  it.each<[string, (file: Parameters<Parameters<typeof hdf5>[0]>[0]) => void, RegExp]>([
    ['no layer list', (file) => file.create_group('x'), /no list of layers \(the attribute layer_names\)/],
    [
      'a list of numbers',
      (file) => file.create_attribute('layer_names', new Int32Array([1, 2])),
      /"layer_names" of "\/": got \[1,2\]; allowed: a list of texts/,
    ],
    [
      'a topology that is no JSON',
      (file) => {
        writeWeights(file, '', {});
        file.create_attribute('model_config', '{');
      },
      /model_config": got "\{"; allowed: JSON/,
    ],
    [
      'Theano’s kernels',
      (file) => {
        file.create_attribute('layer_names', ['a']);
        file.create_attribute('backend', 'theano');
      },
      /weights for the Theano backend/,
    ],
    [
      'a weight that is listed and not there',
      (file) => {
        file.create_attribute('layer_names', ['a']);
        file.create_group('a').create_attribute('weight_names', ['k:0']);
      },
      /weight "a\/k:0": got no such array/,
    ],
    [
      'an array larger than the file',
      (file) => {
        file.create_attribute('layer_names', ['a']);
        const group = file.create_group('a');
        group.create_attribute('weight_names', ['k:0']);
        group.create_dataset({
          name: 'k:0',
          data: new Float32Array(1e6),
          shape: [1000, 1000],
          chunks: [1000, 1000],
          compression: 9,
        });
      },
      /weight "a\/k:0": got shape \[1000, 1000\], 4000000 bytes, in a file of \d+; allowed: arrays that are whole/,
    ],
  ])('with %s is refused', async (_, write, message) => {
    await expect(graphFromKerasHdf5(await hdf5(write))).rejects.toThrow(message);
  });

  it('with a matrix of millions reads it row by row, float64 too', async () => {
    const values = Float64Array.from({ length: 1500 * 1001 }, (_, i) => i % 8191);
    const config = { class_name: 'Dense', config: { name: 'd', units: 1001, use_bias: false } };
    const layers = [
      { class_name: 'InputLayer', config: { name: 'data', batch_input_shape: [null, 1, 1500, 1] } },
      { class_name: 'Flatten', config: { name: 'flat' } },
      config,
    ];
    const bytes = await hdf5((file) => {
      file.create_attribute('model_config', JSON.stringify({ class_name: 'Sequential', config: layers }));
      file.create_attribute('layer_names', ['d']);
      const group = file.create_group('d');
      group.create_attribute('weight_names', ['kernel:0']);
      group.create_dataset({ name: 'kernel:0', data: values, shape: [1500, 1001], dtype: '<f8' });
    });
    const dense = (await graphFromKerasHdf5(bytes)).layers[1];
    expect(dense?.type === 'dense' && dense.kernel.values).toEqual(Float32Array.from(values));
  });

  it('that is no HDF5, or empty, is refused in words', async () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('<html>'), new Uint8Array(5000)]) {
      await expect(graphFromKerasHdf5(bytes)).rejects.toThrow(
        /HDF5 file: got \d+ bytes that are cut short, broken/,
      );
    }
  });
});
