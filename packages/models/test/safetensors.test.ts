import { describe, expect, it } from 'vitest';
import { ModelFileError } from '../src/index.ts';
import { graphFromOnnx } from '../src/onnx-file/index.ts';
import { graphFromSafetensors } from '../src/safetensors/index.ts';
import { OnnxWriter } from './onnx-writer.ts';
import { randomInput } from './random-graphs.ts';
import { referenceForward } from './reference-forward.ts';
import { safetensors, vggStateDict, withHeader } from './safetensors-writer.ts';
import { expectClose } from './tfjs-models.ts';

/** The same net by way of ONNX, whose reader is held to onnxruntime elsewhere. */
function throughOnnx(dict: ReturnType<typeof vggStateDict>, norm: boolean): Uint8Array {
  const net = new OnnxWriter(1, 3, 8, 8);
  const weight = (name: string) => net.floats(dict[name]!.shape, dict[name]!.values);
  const conv = (x: string, at: number) => {
    const inputs = [x, weight(`features.${at}.weight`), weight(`features.${at}.bias`)];
    const y = net.node('Conv', inputs, { pads: [1, 1, 1, 1] });
    if (!norm) return net.node('Relu', [y]);
    const names = ['weight', 'bias', 'running_mean', 'running_var'];
    const own = names.map((name) => weight(`features.${at + 1}.${name}`));
    return net.node('Relu', [net.node('BatchNormalization', [y, ...own])]);
  };
  const pool = (x: string) => net.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  const [second, third] = norm ? [4, 7] : [3, 5];
  const map = pool(conv(conv(pool(conv(net.input, 0)), second), third));
  let x = net.node('Flatten', [map]);
  for (const at of [0, 3, 6]) {
    x = net.node('Gemm', [x, weight(`classifier.${at}.weight`), weight(`classifier.${at}.bias`)], {
      transB: 1,
    });
    if (at < 6) x = net.node('Relu', [x]);
  }
  return net.finish(net.node('Softmax', [x]));
}

describe.each([false, true])('the state dict of a torchvision VGG, batch normalisation %s', (norm) => {
  it('gives the net that its numbers tell, with the answers of the same net in ONNX', () => {
    const dict = vggStateDict(norm);
    const graph = graphFromSafetensors(safetensors(dict));
    expect(graph.inputShape).toEqual([8, 8, 3]);
    expect(graph.layers.filter(({ type }) => type === 'conv2d').map(({ name }) => name)).toEqual([
      'block1_conv1',
      'block2_conv1',
      'block2_conv2',
    ]);
    expect(graph.preprocessing).toMatchObject({ channels: 'rgb', std: [0.229, 0.224, 0.225] });
    const twin = graphFromOnnx(throughOnnx(dict, norm));
    const image = randomInput(graph, 8);
    const answer = (one: typeof graph) => referenceForward(one, image).get(one.layers.at(-1)!.name)!.values;
    expectClose(answer(graph), answer(twin), 1e-6);
  });

  it('may end before its classifier', () => {
    const features = Object.entries(vggStateDict(norm)).filter(([name]) => name.startsWith('features'));
    const graph = graphFromSafetensors(safetensors(Object.fromEntries(features)));
    expect(graph.layers.at(-1)?.name).toBe('block2_pool');
    expect(graph.inputShape).toEqual([224, 224, 3]);
  });
});

describe('state dicts of other nets, and broken files, are refused', () => {
  it.each<[string, (dict: ReturnType<typeof vggStateDict>) => void, RegExp]>([
    [
      'a gap in the numbers',
      (dict) => {
        dict['features.40.weight'] = dict['features.0.weight']!;
      },
      /state dict: got features\.0\.weight.*allowed: that of a torchvision VGG.*export other nets to ONNX/,
    ],
    [
      'no first convolution',
      (dict) => {
        delete dict['features.0.weight'];
      },
      /state dict: got/,
    ],
    [
      'a bias missing',
      (dict) => {
        delete dict['features.3.bias'];
      },
      /"features\.3\.bias": got nothing; allowed: floats, \[3\]/,
    ],
    [
      'half a classifier',
      (dict) => {
        delete dict['classifier.3.weight'];
      },
      /"classifier\.3\.weight": got nothing/,
    ],
  ])('%s', (_, edit, message) => {
    const dict = vggStateDict(false);
    edit(dict);
    expect(() => graphFromSafetensors(safetensors(dict))).toThrow(message);
  });

  const entry = (more: object) =>
    withHeader(JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...more } }), [
      new Uint8Array(8),
    ]);
  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /got 0 bytes/],
    ['a header longer than the file', withHeader('{}').subarray(0, 9), /a header of 2 bytes in a file of 9/],
    [
      'a header of exabytes',
      Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 127, 123, 125]),
      /a header of \d+ bytes in a file of 10/,
    ],
    ['a header that is no JSON', withHeader('{'), /header: got no JSON/],
    ['a header that is a list', withHeader('[]'), /header: got \[\]/],
    ['an absurd shape', entry({ shape: [1e6, 1e6] }), /got \[0, 8\] of 8 bytes; allowed: 4000000000000/],
    ['offsets beyond the end', entry({ data_offsets: [8, 16] }), /got \[8, 16\] of 8 bytes/],
    ['offsets that run backwards', entry({ data_offsets: [8, 0] }), /got \[8, 0\] of 8 bytes/],
    ['a shape in words', entry({ shape: 'large' }), /"a", shape: got "large"/],
  ])('%s', (_, bytes, message) => {
    expect(() => graphFromSafetensors(bytes)).toThrow(ModelFileError);
    expect(() => graphFromSafetensors(bytes)).toThrow(message);
  });
});
