import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError, mnistNet } from '../src/index.ts';
import { readModel, writeLayersModel } from '../src/node.ts';
import { hdf5, writeWeights } from './hdf5-writer.ts';
import { OnnxWriter } from './onnx-writer.ts';
import { safetensors, vggStateDict } from './safetensors-writer.ts';
import { mobileNetV2 } from './torch-nets.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearmaps-read-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const values = Float32Array.from({ length: 54 }, (_, i) => Math.sin(i));
const vggOfOneLayer = () =>
  hdf5((file) =>
    writeWeights(file, '', {
      block1_conv1: {
        'block1_conv1_W_1:0': { shape: [3, 3, 3, 2], values },
        'block1_conv1_b_1:0': { shape: [2], values: values.slice(0, 2) },
      },
    }),
  );

describe('a model of each kind is told by its content', () => {
  it.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ['HDF5', vggOfOneLayer, 'block1_pool'],
    ['ONNX', () => mobileNetV2('GlobalAveragePool'), '/Gemm_72'],
    ['safetensors', () => safetensors(vggStateDict(false)), 'predictions_softmax'],
  ])('%s, whatever its file is called, alone in its folder too', async (kind, make, last) => {
    const bytes = await make();
    await writeFile(join(dir, 'pets.bin'), bytes);
    const graph = await readModel(join(dir, 'pets.bin'));
    expect(graph.name).toBe('pets');
    expect(graph.layers.at(-1)?.name).toMatch(last.startsWith('/') ? /^\/Gemm_/ : last);
    const folder = join(dir, 'folder');
    await mkdir(folder);
    const ending = { HDF5: 'h5', ONNX: 'onnx', safetensors: 'safetensors' }[kind];
    await writeFile(join(folder, `pets.${ending}`), bytes);
    expect(await readModel(folder)).toEqual(graph);
  });

  it('LayersModel, by its folder or its model.json', async () => {
    const graph = mnistNet({ inputShape: [4, 4, 1] });
    await writeLayersModel(graph, dir);
    expect(await readModel(dir)).toEqual(graph);
    expect(await readModel(join(dir, 'model.json'))).toEqual(graph);
  });
});

describe('what is no model is refused in words', () => {
  it.each<[string, Uint8Array, RegExp]>([
    [
      'an empty file',
      new Uint8Array(0),
      /model\.bin: got an empty file \(0 bytes\); allowed: a TensorFlow\.js LayersModel/,
    ],
    [
      'a checkpoint of PyTorch',
      Uint8Array.from([0x50, 0x4b, 3, 4]),
      /a zip archive: a \.keras file, or a checkpoint of PyTorch.*torch\.onnx\.export/,
    ],
    ['a page of a server', new TextEncoder().encode('<!DOCTYPE html>'), /got an HTML page/],
    ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47]), /a file of no known kind/],
  ])('%s', async (_, bytes, message) => {
    const file = join(dir, 'model.bin');
    await writeFile(file, bytes);
    await expect(readModel(file)).rejects.toThrow(ModelFileError);
    await expect(readModel(file)).rejects.toThrow(message);
  });

  it('nothing, and a folder of several', async () => {
    await expect(readModel(join(dir, 'nowhere'))).rejects.toThrow(/nowhere: got no such file or folder/);
    await expect(readModel(dir)).rejects.toThrow(
      /model in the folder .*: got none; allowed: a model\.json, or one \.h5, \.onnx or \.safetensors file/,
    );
    await writeFile(join(dir, 'a.onnx'), '');
    await writeFile(join(dir, 'b.h5'), '');
    await expect(readModel(dir)).rejects.toThrow(/got a\.onnx, b\.h5; allowed: a model\.json, or one \.h5/);
  });
});

it.each<[string, Uint8Array, RegExp]>([
  ['empty.onnx', new Uint8Array(0), /model .*empty\.onnx: got an empty file \(0 bytes\)/],
  ['headless.onnx', Uint8Array.of(8, 7), /headless\.onnx: ONNX model: got a file without a graph/],
  ['cut.h5', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a), /cut\.h5: .*got/],
])('a reader of bytes says which file it was given: %s', async (name, bytes, message) => {
  await writeFile(join(dir, name), bytes);
  await expect(readModel(join(dir, name))).rejects.toThrow(message);
});

describe('ONNX weights in a file beside the model', () => {
  const model = (location: string, length = 8) => {
    const net = new OnnxWriter(1, 2, 3, 3);
    const external_data = [
      { key: 'location', value: location },
      { key: 'offset', value: '4' },
      { key: 'length', value: String(length) },
    ];
    const weight = net.tensor({ dims: [1, 2, 1, 1], data_type: 1, external_data, data_location: 1 });
    return net.finish(net.node('GlobalAveragePool', [net.node('Conv', [net.input, weight])]));
  };

  it('are found there', async () => {
    await writeFile(join(dir, 'net.onnx'), model('net.data'));
    await writeFile(join(dir, 'net.data'), new Uint8Array(Float32Array.of(9, 1, 2, 9, 9).buffer));
    expect((await readModel(join(dir, 'net.onnx'))).layers[0]).toMatchObject({
      kernel: { values: Float32Array.of(1, 2) },
    });
  });

  it.each([
    ['net.data', 8, /net\.data, listed in .*net\.onnx: got a truncated file: 8 bytes; allowed: 12/],
    ['missing.data', 8, /missing\.data, listed in .*got no such file/],
    ['net.data', 1e12, /got a truncated file: 8 bytes; allowed: 1000000000004/],
    ['../net.data', 8, /path of a weight file: got "\.\.\/net\.data"; allowed: relative paths that stay/],
    ['/etc/passwd', 8, /path of a weight file: got "\/etc\/passwd"/],
    ['', 8, /path of a weight file: got ""/],
  ])('at %j with %d bytes are refused before they are read', async (location, length, message) => {
    await writeFile(join(dir, 'net.onnx'), model(location, length));
    await writeFile(join(dir, 'net.data'), new Uint8Array(8));
    await expect(readModel(join(dir, 'net.onnx'))).rejects.toThrow(message);
  });
});
