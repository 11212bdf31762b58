import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LayerGraph, UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../src/index.ts';
import { readLayersModel } from '../src/node.ts';
import { externalFilesOf, graphFromOnnx, SUPPORTED_ONNX_OPERATORS } from '../src/onnx-file/index.ts';
import { OnnxWriter } from './onnx-writer.ts';
import { randomInput } from './random-graphs.ts';
import { referenceForward } from './reference-forward.ts';
import { sharedFolder } from './shared-files.ts';
import { mobileNetV2, resNet, TorchNet, vgg } from './torch-nets.ts';

/** What onnxruntime answers to an image that is [H, W, C] here. */
async function runtimeAnswer(bytes: Uint8Array, { inputShape }: LayerGraph, image: Float32Array) {
  const [height, width, channels] = inputShape;
  const places = height * width;
  const planes = image.map((_, i) => image[(i % places) * channels + Math.floor(i / places)]!);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const input = new Tensor('float32', planes, [1, channels, height, width]);
  const answers = await session.run({ [session.inputNames[0]!]: input });
  await session.release();
  return answers[session.outputNames[0]!]!.data as Float32Array;
}

function outputOf(graph: LayerGraph, image: Float32Array): Float64Array {
  return referenceForward(graph, image).get(graph.layers.at(-1)!.name)!.values;
}

/** Largest difference, relative to the largest expected value. */
function difference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  expect(got.length).toBe(want.length);
  const largest = Math.max(...Array.from(want, Math.abs)) || 1;
  return Math.max(...Array.from(want, (value, i) => Math.abs(value - got[i]!))) / largest;
}

async function expectSameAnswer(bytes: Uint8Array): Promise<LayerGraph> {
  const graph = graphFromOnnx(bytes);
  for (const seed of [1, 2]) {
    const image = randomInput(graph, seed);
    expect(difference(outputOf(graph, image), await runtimeAnswer(bytes, graph, image))).toBeLessThan(1e-5);
  }
  return graph;
}

const types = (graph: LayerGraph) => new Set(graph.layers.map((layer) => layer.type));

describe('nets as PyTorch exports them answer as in onnxruntime', () => {
  it('VGG, its first dense layer in the order of its own flatten', async () => {
    const graph = await expectSameAnswer(vgg());
    expect(graph.inputShape).toEqual([64, 64, 3]);
    expect(graph.preprocessingAssumed).toBe(true);
    expect(graph.preprocessing).toMatchObject({
      channels: 'rgb',
      mean: [0.485, 0.456, 0.406],
      shortSide: 73,
    });
  });

  it('ResNet, batch normalisation inside its convolutions', async () => {
    const graph = await expectSameAnswer(resNet());
    expect(types(graph)).toEqual(
      new Set(['conv2d', 'relu', 'maxPool2d', 'add', 'globalAveragePool2d', 'dense']),
    );
  });

  it.each(['GlobalAveragePool', 'ReduceMean', 'sizes'] as const)(
    'MobileNetV2, its mean by way of %s',
    async (head) => {
      const graph = await expectSameAnswer(mobileNetV2(head));
      expect(types(graph)).toContain('relu6');
      expect(types(graph)).not.toContain('affine');
    },
  );
});

const border = (top: number, left: number, bottom: number, right: number) => [top, left, bottom, right];

describe('single operators answer as in onnxruntime', () => {
  const pool = (type: string, more: object) => (net: TorchNet) =>
    net.node(type, [net.input], { kernel_shape: [3, 2], strides: [2, 3], ...more });
  const head = (net: TorchNet, x: string) => net.node('GlobalAveragePool', [x]);
  it.each<[string, (net: TorchNet) => string]>([
    ['MaxPool with pads', pool('MaxPool', { pads: border(1, 0, 2, 1) })],
    ['MaxPool with ceil_mode', pool('MaxPool', { ceil_mode: 1 })],
    ['MaxPool with pads and ceil_mode', pool('MaxPool', { pads: border(1, 1, 1, 1), ceil_mode: 1 })],
    ['AveragePool with pads', pool('AveragePool', { pads: border(1, 0, 2, 1) })],
    [
      'AveragePool that counts its pads',
      pool('AveragePool', { pads: border(1, 0, 2, 1), count_include_pad: 1 }),
    ],
    ['AveragePool with ceil_mode', pool('AveragePool', { ceil_mode: 1 })],
    ['AveragePool with SAME_UPPER', pool('AveragePool', { auto_pad: 'SAME_UPPER' })],
    ['Pad', (net) => net.node('Pad', [net.input, net.ints([0, 0, 1, 2, 0, 0, 0, 3])])],
    [
      'a grouped Conv with dilations',
      (net) => {
        const weight = net.random([6, 1, 2, 3]);
        return net.node('Conv', [net.input, weight], {
          group: 3,
          dilations: [2, 1],
          pads: border(0, 1, 2, 1),
          strides: [2, 1],
        });
      },
    ],
    ['LeakyRelu', (net) => net.node('LeakyRelu', [net.input], { alpha: { float: 0.2 } })],
    [
      'arithmetic with numbers and channels',
      (net) => {
        const scaled = net.node('Mul', [net.random([1, 3, 1, 1]), net.input]);
        const moved = net.node('Sub', [scaled, net.random([3, 1, 1])]);
        const turned = net.node('Sub', [net.random([1]), moved]);
        return net.node('Div', [turned, net.random([3, 1, 1])]);
      },
    ],
    [
      'Concat and Sum',
      (net) => {
        const both = net.node('Concat', [net.relu(net.input), net.input], { axis: 1 });
        return net.node('Sum', [both, both, net.relu(both)]);
      },
    ],
  ])('%s', async (_, build) => {
    const net = new TorchNet(1, 3, 10, 11);
    await expectSameAnswer(net.finish(head(net, build(net))));
  });

  it.each<[string, (net: TorchNet, x: string) => string]>([
    [
      'MatMul and Add',
      (net, x) => net.node('Add', [net.node('MatMul', [x, net.random([60, 5])]), net.random([5])]),
    ],
    ['batch normalisation of a flattened map', (net, x) => net.linear(net.norm(x, 60), [60, 5])],
    [
      'Gemm without transB, with alpha and beta',
      (net, x) =>
        net.node('Gemm', [x, net.random([60, 5]), net.random([5])], {
          alpha: { float: 0.5 },
          beta: { float: 2 },
        }),
    ],
    ['sums of flattened maps', (net, x) => net.linear(net.node('Add', [x, net.relu(x)]), [60, 5])],
    ['a Softmax', (net, x) => net.node('Softmax', [net.linear(x, [60, 5])], { axis: 1 })],
  ])('%s behind a flatten', async (_, build) => {
    const net = new TorchNet(1, 3, 4, 5);
    const flat = net.node('Reshape', [net.input, net.ints([0, -1])]);
    await expectSameAnswer(net.finish(build(net, net.relu(flat))));
  });

  it('weights as floats, float16, bfloat16 and double', async () => {
    const values = [1, -2, 0.5, 3, 0.25, -1];
    const read = (fields: object) => {
      const net = new OnnxWriter(1, 2, 3, 3);
      const conv = net.node('Conv', [net.input, net.tensor({ dims: [3, 2, 1, 1], ...fields })]);
      const [layer] = graphFromOnnx(net.finish(net.node('GlobalAveragePool', [conv]))).layers;
      return layer?.type === 'conv2d' ? [...layer.kernel.values] : [];
    };
    // [out, in] becomes [in, out].
    const want = [1, 0.5, 0.25, -2, 3, -1];
    const halves = [0x3c00, 0xc000, 0x3800, 0x4200, 0x3400, 0xbc00];
    const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer);
    expect(read({ data_type: 1, float_data: values })).toEqual(want);
    expect(read({ data_type: 10, int32_data: halves })).toEqual(want);
    expect(read({ data_type: 10, raw_data: bytes(Uint16Array.from(halves)) })).toEqual(want);
    expect(read({ data_type: 11, raw_data: bytes(Float64Array.from(values)) })).toEqual(want);
    const upper = Uint16Array.from(values, (value) => new Uint16Array(Float32Array.of(value).buffer)[1]!);
    expect(read({ data_type: 16, raw_data: bytes(upper) })).toEqual(want);
  });
});

const squeezeNet = sharedFolder('models/squeezenet1.1');

describe.skipIf(squeezeNet.missing)(`SqueezeNet 1.1 in ONNX${squeezeNet.missing}`, () => {
  it('has the layers and the weights of its LayersModel twin', async () => {
    const graph = graphFromOnnx(readFileSync(join(squeezeNet.path, 'squeezenet1.1.onnx')));
    const twin = await readLayersModel(squeezeNet.path);
    const weights = ({ layers }: LayerGraph) =>
      layers.flatMap((layer) => (layer.type === 'conv2d' ? [layer.kernel, layer.bias] : []));
    expect(weights(graph)).toEqual(weights(twin));
    const withoutPadding = twin.layers.filter(
      (layer) => layer.type !== 'softmax' && layer.type !== 'dropout',
    );
    expect(graph.layers.filter((layer) => layer.type !== 'flatten').map((layer) => layer.type)).toEqual(
      withoutPadding.map((layer) => layer.type),
    );
  });
});

describe('what is not supported is named', () => {
  it('all unknown operators at once, with what is known', () => {
    const net = new OnnxWriter(1, 3, 8, 8);
    const strange = net.node('Einsum', [net.node('Erf', [net.input])]);
    const read = () => graphFromOnnx(net.finish(strange));
    expect(read).toThrow(UnsupportedLayerError);
    expect(read).toThrow(
      `2 layers: got "/Erf_0" (Erf), "/Einsum_1" (Einsum); allowed: ${SUPPORTED_ONNX_OPERATORS.join(', ')}`,
    );
  });

  it.each<[string, (net: TorchNet) => string, RegExp]>([
    [
      'a Clip to other bounds',
      (net) => net.node('Clip', [net.input], { min: { float: -1 }, max: { float: 1 } }),
      /\(Clip\), bounds: got -1 and 1; allowed: 0 and 6/,
    ],
    [
      'a product of two activations',
      (net) => net.node('Mul', [net.input, net.input]),
      /\(Mul\), input 2: got a value that depends on the picture/,
    ],
    ['a Flatten of rows', (net) => net.node('Flatten', [net.input], { axis: 2 }), /\(Flatten\), axis: got 2/],
    [
      'a Reshape of rows',
      (net) => net.node('Reshape', [net.input, net.ints([1, 24, 8])]),
      /shape: got \[1, 3, 8, 8\] to \[1, 24, 8\]/,
    ],
    ['a mean of rows', (net) => net.node('ReduceMean', [net.input], { axes: [2] }), /axes: got \[2\] of 4/],
    [
      'reflecting pads',
      (net) => net.node('Pad', [net.input, net.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' }),
      /mode: got "reflect"/,
    ],
    [
      'SAME_LOWER',
      (net) => net.node('MaxPool', [net.input], { kernel_shape: [2, 2], auto_pad: 'SAME_LOWER' }),
      /auto_pad: got "SAME_LOWER"/,
    ],
    ['a Softmax over rows', (net) => net.node('Softmax', [net.input], { axis: 2 }), /axis: got 2/],
  ])('%s', (_, build, message) => {
    const net = new TorchNet(1, 3, 8, 8);
    const read = () => graphFromOnnx(net.finish(build(net)));
    expect(read).toThrow(UnsupportedLayerError);
    expect(read).toThrow(message);
  });
});

describe('files that contradict themselves are refused', () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    [
      'an open picture size',
      () => new TorchNet(1, 3, 'height', 8).finish('x'),
      /input "input" .*got \[1, 3, open, 8\].*fixed picture size/,
    ],
    [
      'a ring of nodes',
      () => {
        const net = new OnnxWriter(1, 3, 8, 8);
        const relu = net.node('Relu', ['/Relu_1_output_0']);
        return net.finish(net.node('Relu', [relu]));
      },
      /input 1: got "\/Relu_1_output_0", which no earlier node gives; allowed: .* without cycles/,
    ],
    [
      'a weight that is too short',
      () => {
        const net = new OnnxWriter(1, 3, 8, 8);
        return net.finish(
          net.node('Conv', [
            net.input,
            net.tensor({ dims: [4, 3, 3, 3], data_type: 1, raw_data: new Uint8Array(12) }),
          ]),
        );
      },
      /weight "weight_0": got 12 bytes; allowed: 432, as its shape \[4, 3, 3, 3\] says/,
    ],
    [
      'an absurd shape',
      () => {
        const net = new OnnxWriter(1, 3, 8, 8);
        return net.finish(
          net.node('Conv', [net.input, net.tensor({ dims: [1e6, 1e6, 1, 1], data_type: 1 })]),
        );
      },
      /got 0 bytes; allowed: 4000000000000/,
    ],
    [
      'an absurd picture',
      () => {
        const net = new TorchNet(1, 3, 1e6, 1e6);
        return net.finish(net.node('Flatten', [net.input], { axis: 3 }));
      },
      /input: shape: got \[1000000, 1000000, 3\]; allowed: 268435456 values/,
    ],
    [
      'quantised weights',
      () => {
        const net = new OnnxWriter(1, 3, 8, 8);
        return net.finish(
          net.node('Conv', [
            net.input,
            net.tensor({ dims: [1, 1, 1, 3], data_type: 3, raw_data: new Uint8Array(3) }),
          ]),
        );
      },
      /type: got int8/,
    ],
    [
      'the input as its output',
      () => new TorchNet(1, 3, 8, 8).finish('input'),
      /output "input" .*got a value that no layer gives/,
    ],
  ])('%s', (_, build, message) => {
    expect(() => graphFromOnnx(build())).toThrow(message);
  });

  it('weights in a file beside it are asked for by name and cut to their places', () => {
    const net = new OnnxWriter(1, 2, 3, 3);
    const external_data = [
      { key: 'location', value: 'weights.data' },
      { key: 'offset', value: '8' },
      { key: 'length', value: '8' },
    ];
    const weight = net.tensor({ dims: [1, 2, 1, 1], data_type: 1, external_data, data_location: 1 });
    const bytes = net.finish(net.node('GlobalAveragePool', [net.node('Conv', [net.input, weight])]));
    expect(externalFilesOf(bytes)).toEqual([{ path: 'weights.data', bytes: 16 }]);
    const data = new Uint8Array(Float32Array.of(9, 9, 1, 2).buffer);
    const graph = graphFromOnnx(bytes, { externalData: new Map([['weights.data', data]]) });
    expect(graph.layers[0]).toMatchObject({ kernel: { values: Float32Array.of(1, 2) } });
    expect(() => graphFromOnnx(bytes)).toThrow(/weight "weight_0": got no file "weights\.data"/);
    const short = new Map([['weights.data', data.subarray(0, 12)]]);
    expect(() => graphFromOnnx(bytes, { externalData: short })).toThrow(
      /got 4 bytes in "weights\.data"; allowed: 8/,
    );
  });

  it('files of tiny fields without end are refused before they fill the memory', () => {
    const graph = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
    const header = [0x3a, 0x80, 0x89, 0x7a];
    expect(() => graphFromOnnx(Uint8Array.from([...header, ...graph]))).toThrow(ModelFileError);
    expect(() => graphFromOnnx(Uint8Array.from([...header, ...graph]))).toThrow(/more than 500000 fields/);
  });
});
