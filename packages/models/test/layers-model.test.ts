import '@tensorflow/tfjs-backend-cpu';
import { findFeatureMap, type LayerGraph, validateGraph } from '@clearmaps/deconvnet';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  graphFromLayersModel,
  layersModelFromGraph,
  ModelFileError,
  mnistNet,
  svhnNet,
} from '../src/index.ts';
import { randomDag, randomInput } from './random-graphs.ts';
import { referenceForward } from './reference-forward.ts';
import { expectClose, predict, saved } from './tfjs-models.ts';

beforeAll(() => {
  // Without it tfjs advertises its native backend on the console.
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

const GRAPHS: Record<string, LayerGraph> = {
  'the MNIST net, a chain': mnistNet({ seed: 1, inputShape: [10, 9, 1] }),
  'the SVHN net, a chain': svhnNet({ seed: 2, inputShape: [8, 8, 3] }),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => [`random DAG ${seed}`, randomDag(seed)])),
};

describe.each(Object.entries(GRAPHS))('%s, written as a LayersModel', (_, graph) => {
  const written = layersModelFromGraph(graph);

  it('comes back as the same graph, weights bit for bit', () => {
    const text = JSON.stringify({ ...written, weightData: undefined });
    const again = graphFromLayersModel({ ...JSON.parse(text), weightData: written.weightData.slice(0) });
    expect(again).toEqual(graph);
  });

  it('opens in tfjs-layers and answers like a plain forward pass', async () => {
    const model = await tfl.loadLayersModel(tf.io.fromMemory(written as unknown as tf.io.ModelArtifacts));
    for (const seed of [11, 12]) {
      const image = randomInput(graph, seed);
      const output = referenceForward(graph, image).get(graph.layers.at(-1)!.name)!;
      expectClose(await predict(model, graph, image), output.values);
    }
    model.dispose();
  });
});

describe('a model built with tfjs-layers', () => {
  it('reads the same as it predicts, fused activations taken apart', async () => {
    const model = tfl.sequential({
      name: 'classic',
      layers: [
        tfl.layers.conv2d({
          inputShape: [9, 8, 2],
          filters: 3,
          kernelSize: [3, 2],
          activation: 'relu',
          name: 'c1',
          useBias: false,
        }),
        tfl.layers.maxPooling2d({ poolSize: [2, 2], name: 'p1' }),
        tfl.layers.conv2d({
          filters: 4,
          kernelSize: 2,
          padding: 'same',
          dilationRate: 2,
          name: 'c2',
          biasInitializer: 'randomNormal',
        }),
        tfl.layers.activation({ activation: 'linear', name: 'nothing' }),
        tfl.layers.reLU({ name: 'r2' }),
        tfl.layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same', name: 'p2' }),
        tfl.layers.flatten({ name: 'flat' }),
        tfl.layers.dropout({ rate: 0.5, name: 'drop' }),
        tfl.layers.dense({
          units: 6,
          activation: 'softmax',
          name: 'out',
          biasInitializer: 'randomNormal',
        }),
      ],
    });
    const graph = graphFromLayersModel(await saved(model));
    expect(graph.name).toBe('classic');
    expect(graph.layers.map((layer) => layer.name)).toEqual([
      'c1',
      'c1_relu',
      'p1',
      'c2',
      'r2',
      'p2',
      'flat',
      'drop',
      'out',
      'out_softmax',
    ]);
    expect(graph.layers[4]!.inputs).toEqual(['c2']);
    expect(graph.classNames).toBeUndefined();
    expect(graph.preprocessing).toBeUndefined();
    const image = randomInput(graph, 5);
    expectClose(
      await predict(model, graph, image),
      referenceForward(graph, image).get('out_softmax')!.values,
    );
    model.dispose();
  });

  it('as a DAG whose layers are listed out of order reads in topological order', async () => {
    const input = tfl.input({ shape: [6, 6, 1], name: 'data' });
    const conv = (name: string, source: tfl.SymbolicTensor) =>
      tfl.layers
        .conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu', name })
        .apply(source);
    const a = conv('a', input) as tfl.SymbolicTensor;
    const b = conv('b', a) as tfl.SymbolicTensor;
    const sum = tfl.layers.add({ name: 'sum' }).apply([b, a]) as tfl.SymbolicTensor;
    const joined = tfl.layers.concatenate({ axis: 3, name: 'joined' }).apply([sum, b]) as tfl.SymbolicTensor;
    const pool = tfl.layers.globalAveragePooling2d({ name: 'pool' }).apply(joined) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: pool });
    const artifacts = await saved(model);
    const { config } = artifacts.modelTopology as { config: { layers: unknown[] } };
    config.layers.reverse();
    const graph = graphFromLayersModel(artifacts);
    expect(graph.layers.map((layer) => layer.name)).toEqual([
      'a',
      'a_relu',
      'b',
      'b_relu',
      'sum',
      'joined',
      'pool',
    ]);
    expect(graph.layers[5]!.inputs).toEqual(['sum', 'b_relu']);
    expect(findFeatureMap(graph, validateGraph(graph))).toEqual({
      layer: 'joined',
      shape: [6, 6, 4],
      logits: 'pool',
    });
    const image = randomInput(graph, 6);
    expectClose(await predict(model, graph, image), referenceForward(graph, image).get('pool')!.values);
    model.dispose();
  });

  it('that has a layer called like a fused activation keeps both apart', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          inputShape: [4, 4, 1],
          filters: 2,
          kernelSize: 1,
          activation: 'relu',
          name: 'c',
        }),
        tfl.layers.dropout({ rate: 0.1, name: 'c_relu' }),
        tfl.layers.globalAveragePooling2d({ name: 'pool' }),
      ],
    });
    const graph = graphFromLayersModel(await saved(model));
    expect(graph.layers.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'c conv2d',
      'c_relu_2 relu',
      'c_relu dropout',
      'pool globalAveragePool2d',
    ]);
    model.dispose();
  });
});

describe('class names and preprocessing', () => {
  it('travel in the metadata, with whatever the writer adds', () => {
    const graph = mnistNet({ inputShape: [6, 6, 1] });
    const written = layersModelFromGraph(graph, { metadata: { accuracy: 0.987 } });
    expect(written.userDefinedMetadata.clearmaps).toEqual({
      accuracy: 0.987,
      classNames: graph.classNames,
      preprocessing: graph.preprocessing,
    });
    expect(() => layersModelFromGraph(graph, { metadata: { classNames: ['a'] } })).toThrow(
      /metadata: classNames/,
    );
  });

  it('of the options win over those of the file', () => {
    const written = layersModelFromGraph(mnistNet({ inputShape: [6, 6, 1] }));
    const classNames = [...'abcdefghij'];
    const graph = graphFromLayersModel(written, { classNames, name: 'letters' });
    expect(graph.classNames).toEqual(classNames);
    expect(graph.name).toBe('letters');
    expect(() => graphFromLayersModel(written, { classNames: ['one'] })).toThrow(/classNames: got 1 names/);
  });

  it.each([
    ['classNames', ['0', 3], /classNames\[1\]: got 3/],
    ['classNames', 'digits', /classNames: got "digits"/],
    [
      'preprocessing',
      { channels: 'cmyk' },
      /preprocessing\.channels: got "cmyk"; allowed: "gray", "rgb", "bgr"/,
    ],
    [
      'preprocessing',
      { channels: 'rgb', scale: 1, mean: [0], std: [1], resize: 'stretch' },
      /mean: got \[0\]; allowed: 3 numbers/,
    ],
  ])('that are broken are refused: %s %j', (field, value, message) => {
    const written = layersModelFromGraph(mnistNet({ inputShape: [6, 6, 1] }));
    const userDefinedMetadata = { clearmaps: { ...written.userDefinedMetadata.clearmaps, [field]: value } };
    expect(() => graphFromLayersModel({ ...written, userDefinedMetadata })).toThrow(message);
    expect(() => graphFromLayersModel({ ...written, userDefinedMetadata })).toThrow(ModelFileError);
  });
});
