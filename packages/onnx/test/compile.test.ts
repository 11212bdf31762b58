import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { InferenceSession } from 'onnxruntime-node';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { imagesFor, scaleNet, smallNet } from '../../deconvnet/test/small-nets.ts';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { runModel } from './run-model.ts';

const graph = {
  ...smallNet(),
  classNames: ['cat', 'dog', 'fox', 'owl'],
  preprocessing: {
    channels: 'rgb',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    resize: 'stretch',
  },
} as const;

describe('an exported file', () => {
  it('has inputs and outputs with names, types and shapes', async () => {
    const model = compileOnnx(graph, { maps: true, responses: true, classes: [2, 0] });
    const shapes = Object.fromEntries(
      [...model.inputs, ...model.outputs].map(({ name, type, shape }) => [
        name,
        `${type} ${shape.join(' ')}`,
      ]),
    );
    expect(shapes).toEqual({
      image: 'float32 batch 8 7 3',
      logits: 'float32 batch 4',
      probabilities: 'float32 batch 4',
      dominant_class: 'int64 batch 8 7',
      dominant_response: 'float32 batch 8 7',
      maps: 'float32 batch 2 8 7',
      responses: 'float32 batch 2 8 7 3',
    });
    for (const port of [...model.inputs, ...model.outputs]) expect(port.description).toMatch(/\w\.$/);
    const session = await InferenceSession.create(model.bytes);
    const declared = [...session.inputMetadata, ...session.outputMetadata].map((port) =>
      port.isTensor ? [port.name, `${port.type} ${port.shape.join(' ')}`] : [],
    );
    expect(Object.fromEntries(declared)).toEqual(shapes);
    await session.release();
  });

  it('gives maps and responses only where asked for', () => {
    expect(compileOnnx(graph).outputs.map(({ name }) => name)).toEqual([
      'logits',
      'probabilities',
      'dominant_class',
      'dominant_response',
    ]);
  });

  it('says what it was made from, by field numbers that the test wrote down on its own', () => {
    const proto = `syntax = "proto3";
      message Entry { string key = 1; string value = 2; }
      message Opset { string domain = 1; int64 version = 2; }
      message Model { int64 ir = 1; string producer = 2; string doc = 6; repeated Opset opsets = 8; repeated Entry metadata = 14; }`;
    const Model = protobuf.parse(proto).root.lookupType('Model');
    const { bytes } = compileOnnx(graph, { rule: 'guided', seed: 'unit', reduction: 'l2', classes: [2, 0] });
    const model = Model.toObject(Model.decode(bytes), { longs: Number, defaults: true });
    expect(model).toMatchObject({ ir: 7, producer: 'clearmaps', opsets: [{ domain: '', version: 13 }] });
    expect(model.doc).toMatch(/CLEAR maps .* "small": rule guided, seed unit/);
    const metadata = Object.fromEntries(
      (model.metadata as { key: string; value: string }[]).map(({ key, value }) => [key, value]),
    );
    expect(metadata).toMatchObject({ rule: 'guided', seed: 'unit', reduction: 'l2', classes: '[2,0]' });
    expect(JSON.parse(metadata.class_names!)).toEqual(['cat', 'dog', 'fox', 'owl']);
    expect(JSON.parse(metadata.preprocessing!)).toEqual(graph.preprocessing);
  });

  it('holds every weight once', () => {
    const weights = smallNet({ channels: 64 }).layers.reduce(
      (sum, layer) => sum + (layer.type === 'conv2d' ? layer.kernel.values.length : 0),
      0,
    );
    const { bytes } = compileOnnx(smallNet({ channels: 64 }), { responses: true });
    expect(bytes.length).toBeGreaterThan(weights * 4);
    expect(bytes.length).toBeLessThan(weights * 4 + 16_384);
  });

  it('keeps weights apart that share one array, in two shapes', async () => {
    const values = Float32Array.from([1, 2, 3, 4]);
    const conv = { type: 'conv2d', strides: [1, 1], padding: 'valid' } as const;
    const shared: LayerGraph = {
      name: 'shared',
      inputShape: [2, 2, 1],
      layers: [
        { ...conv, name: 'wide', inputs: ['input'], kernel: { shape: [2, 2, 1, 1], values } },
        { ...conv, name: 'scores', inputs: ['wide'], kernel: { shape: [1, 1, 1, 4], values } },
      ],
    };
    const { bytes } = compileOnnx(shared, { seed: 'unit', rule: 'linear', responses: true });
    const { logits, responses } = await runModel(bytes, Float32Array.from([1, 0, 0, 0]), [2, 2, 1]);
    expect(Array.from(logits!.data as Float32Array)).toEqual([1, 2, 3, 4]);
    expect(Array.from(responses!.data as Float32Array)).toEqual(
      [1, 2, 3, 4].flatMap((w) => [w, 2 * w, 3 * w, 4 * w]),
    );
  });

  it('answers as the engine does, for some classes in an order of their own and images in a batch', async () => {
    const images = imagesFor(graph, 3);
    const options = { rule: 'gradient', seed: 'activation', reduction: 'max', classes: [3, 1, 0] } as const;
    const { bytes } = compileOnnx(graph, { ...options, maps: true, responses: true });
    const file = await runModel(bytes, images, graph.inputShape);
    const explainer = await createNativeExplainer(graph);
    const engine = await explainer.explain(images, { ...options, responses: true });
    await explainer.dispose();
    expectClose(file.maps!.data as Float32Array, engine.maps, 'maps', 1e-6);
    expectClose(file.responses!.data as Float32Array, engine.responses!, 'responses', 1e-6);
    expectClose(file.dominant_response!.data as Float32Array, engine.dominantResponse, 'dominant', 1e-6);
    expect(Array.from(file.dominant_class!.data as BigInt64Array, Number)).toEqual([...engine.dominantClass]);
  });

  it('lets the first asked class win a tie, 0 and -0 included', async () => {
    const winner = async (weights: readonly number[], classes?: readonly number[]) => {
      const { bytes } = compileOnnx(scaleNet(weights), { seed: 'unit', rule: 'linear', classes });
      const { dominant_class } = await runModel(bytes, Float32Array.from([1]), [1, 1, 1]);
      return Number(dominant_class!.data[0]);
    };
    expect(await winner([1, 3, 3, 2, 3])).toBe(1);
    expect(await winner([1, 3, 3], [2, 0, 1])).toBe(2);
    expect(await winner([-0, 0])).toBe(0);
    expect(await winner([0, -0])).toBe(0);
    expect(await winner([-3, -1, -2])).toBe(1);
  });

  it('cuts many classes of a wide net into groups that change nothing', async () => {
    const wide = { ...smallNet({ classes: 40, channels: 1 }), inputShape: [150, 150, 1] } as const;
    const image = imagesFor(wide);
    const { maps } = await runModel(compileOnnx(wide, { maps: true }).bytes, image, wide.inputShape);
    const few = await runModel(
      compileOnnx(wide, { maps: true, classes: [38, 39] }).bytes,
      image,
      wide.inputShape,
    );
    expectClose(
      (maps!.data as Float32Array).slice(38 * 150 * 150),
      few.maps!.data as Float32Array,
      'maps',
      1e-6,
    );
  });
});
