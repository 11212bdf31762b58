import '@tensorflow/tfjs-backend-cpu';
import { type LayerGraph, UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { graphFromLayersModel, layersModelFromGraph, ModelFileError } from '../src/index.ts';
import { randomInput } from './random-graphs.ts';
import { referenceForward } from './reference-forward.ts';
import { expectClose, predict, saved, scrambled } from './tfjs-models.ts';

beforeAll(() => {
  // Without it tfjs advertises its native backend on the console.
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const types = (graph: LayerGraph) => graph.layers.map((layer) => layer.type);

/** Reads a model of tfjs-layers and holds the graph to the model's own answer. */
async function readAndCompare(model: tfl.LayersModel): Promise<LayerGraph> {
  scrambled(model);
  const graph = graphFromLayersModel(await saved(model));
  const image = randomInput(graph, 21);
  const output = referenceForward(graph, image).get(graph.layers.at(-1)!.name)!;
  expectClose(await predict(model, graph, image), output.values, 2e-5);
  model.dispose();
  return graph;
}

describe('layers of other people’s nets answer as in tfjs-layers', () => {
  it('batch normalisation goes into the convolution before it, with or without gamma and beta', async () => {
    const { conv2d, batchNormalization, globalAveragePooling2d } = tfl.layers;
    const model = tfl.sequential({
      layers: [
        conv2d({ inputShape: [6, 5, 2], filters: 3, kernelSize: 3, useBias: false, name: 'a' }),
        batchNormalization({ name: 'a_norm' }),
        conv2d({ filters: 4, kernelSize: 1, name: 'b' }),
        batchNormalization({ name: 'b_norm', scale: false, center: false, epsilon: 0.01 }),
        globalAveragePooling2d({ name: 'pool' }),
      ],
    });
    expect(types(await readAndCompare(model))).toEqual(['conv2d', 'conv2d', 'globalAveragePool2d']);
  });

  it('batch normalisation after a pool or between dense layers stays, or folds, with the right axis', async () => {
    const { conv2d, batchNormalization, dense, flatten, maxPooling2d } = tfl.layers;
    const model = tfl.sequential({
      layers: [
        conv2d({ inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: 'relu' }),
        maxPooling2d({ poolSize: 2 }),
        batchNormalization({ axis: 3 }),
        flatten(),
        dense({ units: 5 }),
        batchNormalization({ axis: 1 }),
        dense({ units: 2, activation: 'softmax' }),
      ],
    });
    expect(types(await readAndCompare(model))).toEqual([
      'conv2d',
      'relu',
      'maxPool2d',
      'affine',
      'flatten',
      'dense',
      'dense',
      'softmax',
    ]);
  });

  it('depthwise and separable convolutions, ReLU6, leaky ReLU and zero padding', async () => {
    const { conv2d, depthwiseConv2d, separableConv2d, zeroPadding2d, leakyReLU, globalAveragePooling2d } =
      tfl.layers;
    const model = tfl.sequential({
      layers: [
        zeroPadding2d({
          inputShape: [9, 8, 2],
          padding: [
            [0, 1],
            [2, 1],
          ],
        }),
        conv2d({ filters: 3, kernelSize: 3, strides: 2 }),
        tfl.layers.reLU({ maxValue: 6 }),
        zeroPadding2d({ padding: 1 }),
        depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'relu6', name: 'deep' }),
        separableConv2d({ filters: 5, kernelSize: [3, 2], padding: 'same', depthMultiplier: 3, name: 'sep' }),
        leakyReLU({ alpha: 0.2 }),
        zeroPadding2d({ padding: [1, 2] }),
        globalAveragePooling2d({}),
      ],
    });
    const graph = await readAndCompare(model);
    expect(graph.layers.map(({ name, type }) => `${name} ${type}`).slice(4, 9)).toEqual([
      'deep conv2d',
      'deep_relu6 relu6',
      'sep conv2d',
      'sep_conv2d conv2d',
      expect.stringMatching(/leakyRelu$/),
    ]);
  });

  it('a head of 1x1 convolutions behind a global pool, as in MobileNet v1, is dense', async () => {
    const { conv2d, globalAveragePooling2d, reshape, dropout, activation } = tfl.layers;
    const model = tfl.sequential({
      layers: [
        conv2d({ inputShape: [5, 4, 1], filters: 3, kernelSize: 3, activation: 'relu' }),
        globalAveragePooling2d({}),
        reshape({ targetShape: [1, 1, 3] }),
        dropout({ rate: 0.001 }),
        conv2d({ filters: 4, kernelSize: 1, padding: 'same', name: 'preds' }),
        reshape({ targetShape: [4] }),
        activation({ activation: 'softmax' }),
      ],
    });
    expect(types(await readAndCompare(model)).slice(2)).toEqual([
      'globalAveragePool2d',
      'dropout',
      'dense',
      'softmax',
    ]);
  });

  it('models inside models, Sequential and functional, whose layers share names', async () => {
    const inner = (name: string) => {
      const data = tfl.input({ shape: [6, 6, 2], name: `${name}_data` });
      const a = tfl.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', name: `${name}_conv` });
      const out = tfl.layers.add().apply([data, a.apply(data) as tfl.SymbolicTensor]) as tfl.SymbolicTensor;
      return tfl.model({ inputs: data, outputs: out, name });
    };
    const data = tfl.input({ shape: [6, 6, 2], name: 'data' });
    const one = inner('one').apply(data) as tfl.SymbolicTensor;
    const head = tfl.sequential({
      name: 'head',
      layers: [
        tfl.layers.globalAveragePooling2d({ inputShape: [6, 6, 2] }),
        tfl.layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
      ],
    });
    const two = inner('two').apply(one) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: data, outputs: head.apply(two) as tfl.SymbolicTensor });
    const graph = await readAndCompare(model);
    expect(graph.inputShape).toEqual([6, 6, 2]);
    expect(graph.layers.map((layer) => layer.name).filter((name) => /conv|scores/.test(name))).toEqual([
      'one_conv',
      'two_conv',
      'scores',
      'scores_softmax',
    ]);
  });
});

const sequential = (
  layers: { class_name: string; config: Record<string, unknown> }[],
  specs: object[] = [],
) => ({
  modelTopology: { class_name: 'Sequential', config: { name: 'net', layers } },
  weightSpecs: specs,
  weightData: new ArrayBuffer(1024),
});
const DATA = { class_name: 'InputLayer', config: { name: 'data', batch_input_shape: [null, 4, 4, 4] } };

describe('what tfjs-layers has not, but Keras', () => {
  it('convolutions in groups are read as grouped kernels', () => {
    const conv = {
      class_name: 'Conv2D',
      config: { name: 'c', filters: 6, kernel_size: 1, groups: 2, use_bias: false },
    };
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    const graph = graphFromLayersModel({
      ...sequential([DATA, conv], [{ name: 'c/kernel', shape: [1, 1, 2, 6], dtype: 'float32' }]),
      weightData: values.buffer,
    });
    expect(graph.layers).toEqual([
      {
        name: 'c',
        type: 'conv2d',
        inputs: ['input'],
        kernel: { shape: [1, 1, 2, 6], values },
        strides: [1, 1],
        padding: 'valid',
        groups: 2,
      },
    ]);
  });

  it('a leaky ReLU may be a ReLU with a slope, or say its slope as Keras 3 does', () => {
    const read = (class_name: string, config: object) =>
      graphFromLayersModel({
        ...sequential([DATA, { class_name, config: { name: 'r', ...config } }]),
        weightData: new ArrayBuffer(0),
      }).layers[0];
    expect(read('ReLU', { negative_slope: 0.125 })).toMatchObject({ type: 'leakyRelu', alpha: 0.125 });
    expect(read('LeakyReLU', { negative_slope: 0.25 })).toMatchObject({ type: 'leakyRelu', alpha: 0.25 });
    expect(read('LeakyReLU', {})).toMatchObject({ type: 'leakyRelu', alpha: 0.3 });
  });

  it('a model that holds a model that holds a model, twenty deep, is refused', () => {
    let model: { class_name: string; config: Record<string, unknown> } = DATA;
    for (let depth = 0; depth < 20; depth++) {
      model = { class_name: 'Sequential', config: { name: `m${depth}`, layers: [model] } };
    }
    const read = () =>
      graphFromLayersModel({ modelTopology: model, weightSpecs: [], weightData: new ArrayBuffer(0) });
    expect(read).toThrow(ModelFileError);
    expect(read).toThrow(/a model inside a model, again and again/);
  });

  it('batch normalisation over rows is refused', () => {
    const norm = { class_name: 'BatchNormalization', config: { name: 'n', axis: [1] } };
    expect(() =>
      graphFromLayersModel({ ...sequential([DATA, norm]), weightData: new ArrayBuffer(0) }),
    ).toThrow(UnsupportedLayerError);
  });
});

describe('written as a LayersModel', () => {
  const graph = (padding: readonly [readonly [number, number], readonly [number, number]]): LayerGraph => ({
    name: 'bordered',
    inputShape: [5, 5, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'c',
        inputs: ['input'],
        kernel: { shape: [3, 3, 1, 2], values: Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)) },
        strides: [2, 2],
        padding,
      },
      { type: 'globalAveragePool2d', name: 'pool', inputs: ['c'] },
    ],
  });

  it('a border in numbers becomes zero padding, and the answers stay', async () => {
    const bordered = graph([
      [1, 0],
      [2, 1],
    ]);
    const written = layersModelFromGraph(bordered);
    const model = await tfl.loadLayersModel(tf.io.fromMemory(written as unknown as tf.io.ModelArtifacts));
    const image = randomInput(bordered, 3);
    const answer = referenceForward(bordered, image).get('pool')!.values;
    expectClose(await predict(model, bordered, image), answer);
    expectClose(referenceForward(graphFromLayersModel(written), image).get('pool')!.values, answer);
    model.dispose();
  });

  it('a pool with a border in numbers is refused: Keras has none', () => {
    const { layers, ...rest } = graph([
      [0, 0],
      [0, 0],
    ]);
    const pool = {
      type: 'maxPool2d',
      name: 'max',
      inputs: ['c'],
      poolSize: [2, 2],
      strides: [2, 2],
      padding: [
        [1, 0],
        [0, 0],
      ],
    } as const;
    const end = { ...layers[1]!, inputs: ['max'] };
    expect(() => layersModelFromGraph({ ...rest, layers: [layers[0]!, pool, end] })).toThrow(
      /layer "max" \(maxPool2d\), padding: got \[\[1,0\],\[0,0\]\]; allowed: 'same' or 'valid'/,
    );
  });
});
