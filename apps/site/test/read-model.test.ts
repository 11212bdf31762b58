import { readFileSync } from 'node:fs';
import { ClearmapsError } from '@clearmaps/errors';
import { layersModelFromGraph, mnistNet } from '@clearmaps/models';
import { expect, test } from 'vitest';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';
import { readModelFiles } from '../src/input/read-model.ts';
import {
  labels as classNames,
  type GivenFile,
  MODEL_FILES,
  onnxWithExternalData,
  vggWithoutTop,
} from './model-files.ts';

const net = mnistNet({ seed: 4 });
const { weightSpecs, weightData, ...rest } = layersModelFromGraph(net);
const json = { ...rest, weightsManifest: [{ paths: ['some/where/weights.bin'], weights: weightSpecs }] };
const model = new File([JSON.stringify(json)], 'model.json');
const weights = new File([weightData], 'weights.bin');
const labels = new File([JSON.stringify([...'abcdefghij'])], 'labels.json');

test('dropped files make the net that was written, with the names that came along', async () => {
  const { model: read } = await readModelFiles([weights, labels, model], 'unit');
  expect(read.classNames).toEqual([...'abcdefghij']);
  expect(read.layers).toEqual(net.layers);
});

test('a model that does not say how bytes become input gets what the visitor chose', async () => {
  const silent = new File([JSON.stringify({ ...json, userDefinedMetadata: undefined })], 'model.json');
  const { model: read } = await readModelFiles([silent, weights], 'signed');
  expect(read.preprocessing).toMatchObject({ channels: 'gray', mean: [0.5], std: [0.5] });
});

const asFile = ({ name, bytes }: GivenFile): File => new File([Uint8Array.from(bytes)], name);

test.each(Object.entries(MODEL_FILES))('%s is read', async (_, { make, layers, kind }) => {
  const files = (await make()).map(asFile);
  const { model: read, ...source } = await readModelFiles(files, 'unit');
  expect(read.layers).toHaveLength(layers);
  expect(source).toEqual({ kind, file: files[0]!.name });
  expect(read.name).toBe(files[0]!.name.split('.')[0]);
  expect(read.preprocessing).toBeDefined();
});

test('weights beside an ONNX file are those of its layers, and the names come along', async () => {
  const [onnx, weights] = onnxWithExternalData();
  const { model: read } = await readModelFiles(
    [classNames('a', 'b', 'c', 'd'), weights, onnx].map(asFile),
    'unit',
  );
  expect(read.classNames).toEqual(['a', 'b', 'c', 'd']);
  const last = read.layers.findLast((layer) => layer.type === 'conv2d')!;
  // The first value of the kernel, [3, 3, in, out] here and [out, in, 3, 3] there.
  expect(last.kernel.values[0]).toBe(Math.fround(Math.sin(1)));
  expect(last.kernel.values[1]).toBe(Math.fround(Math.sin(28)));
});

test('an export of Teachable Machine keeps its labels and its preprocessing', async () => {
  const metadata = {
    packageName: '@teachablemachine/image',
    tmVersion: '2.4.10',
    labels: [...'abcdefghij'],
    grayscale: true,
  };
  const beside = new File([JSON.stringify(metadata)], 'metadata.json');
  const silent = new File([JSON.stringify({ ...json, userDefinedMetadata: undefined })], 'model.json');
  const { model: read } = await readModelFiles([beside, silent, weights], 'unit');
  expect(read.classNames).toEqual([...'abcdefghij']);
  expect(read.preprocessing).toMatchObject({ channels: 'gray', scale: 1 / 127, mean: [1] });
});

test.each<[string, () => Promise<readonly GivenFile[]>, RegExp]>([
  [
    'ONNX without its weight file',
    async () => onnxWithExternalData().slice(0, 1),
    /the weight file net\.onnx\.data, which net\.onnx lists/,
  ],
  [
    'ONNX with half of its weight file',
    async () => {
      const [onnx, data] = onnxWithExternalData();
      return [onnx, { ...data, bytes: data.bytes.subarray(0, 99) }];
    },
    /truncated file: 99 bytes; allowed: 432 bytes or more/,
  ],
  [
    'a VGG without its dense layers',
    async () => [await vggWithoutTop()],
    /without its last layers \(notop\).*block1_pool/s,
  ],
  [
    'half an HDF5 file',
    async () => {
      const [file] = await MODEL_FILES['Keras HDF5']!.make();
      return [{ ...file!, bytes: file!.bytes.subarray(0, file!.bytes.length >> 1) }];
    },
    /HDF5 file.*cut short/s,
  ],
  [
    'half a safetensors file',
    async () => {
      const [file] = await MODEL_FILES.safetensors!.make();
      return [{ ...file!, bytes: file!.bytes.subarray(0, file!.bytes.length >> 1) }];
    },
    /safetensors/,
  ],
  [
    'a checkpoint of PyTorch',
    async () => [{ name: 'net.pth', bytes: Uint8Array.from([0x50, 0x4b, 3, 4]) }],
    /zip archive.*torch\.onnx\.export/s,
  ],
  [
    'a model of TensorFlow Lite',
    async () => [{ name: 'net.tflite', bytes: new Uint8Array(40).fill(0x1c) }],
    /no known kind/,
  ],
  [
    'two models at once',
    async () => [...onnxWithExternalData(), await vggWithoutTop()],
    /one model.*net\.onnx, notop\.h5.*one after the other/s,
  ],
])('%s: a message in words', async (_, make, message) => {
  await expect(readModelFiles((await make()).map(asFile), 'unit')).rejects.toThrow(message);
});

test.each([
  ['weights alone', [weights], /model\.json/],
  ['no weights', [model], /weights\.bin, which model\.json lists/],
  ['half a model.json', [new File(['{"modelTop'], 'model.json'), weights], /damaged or cut short/],
  ['an empty model.json', [new File([], 'model.json'), weights], /empty file/],
  ['truncated weights', [model, new File([weightData.slice(0, 99)], 'weights.bin')], /truncated/],
  [
    'a list in place of a manifest',
    [new File(['{"weightsManifest":[3]}'], 'model.json')],
    /topology|weights/i,
  ],
])('%s: a message in words', async (_, files, message) => {
  await expect(readModelFiles(files, 'unit')).rejects.toThrow(message);
});

test('what is no ONNX file is refused in words', async () => {
  const junk = new File([new Uint8Array(300).fill(7)], 'net.onnx');
  await expect(readModelFiles([junk], 'unit')).rejects.toThrow(ClearmapsError);
});

const { path: ONNX, missing } = sharedFolder('models/squeezenet1.1/squeezenet1.1.onnx');
test.skipIf(missing)(`an ONNX file of SqueezeNet is read, and its input is known${missing}`, async () => {
  const { model: read } = await readModelFiles(
    [new File([readFileSync(ONNX)], 'squeezenet1.1.onnx')],
    'unit',
  );
  expect(read.inputShape).toEqual([227, 227, 3]);
  expect(read.preprocessing).toMatchObject({ channels: 'bgr', mean: [104, 117, 123] });
});
