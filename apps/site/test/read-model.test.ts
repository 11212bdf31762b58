import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ClearmapsError } from '@clearmaps/errors';
import { layersModelFromGraph, mnistNet } from '@clearmaps/models';
import { expect, test } from 'vitest';
import { readModelFiles } from '../src/input/read-model.ts';

const net = mnistNet({ seed: 4 });
const { weightSpecs, weightData, ...rest } = layersModelFromGraph(net);
const json = { ...rest, weightsManifest: [{ paths: ['some/where/weights.bin'], weights: weightSpecs }] };
const model = new File([JSON.stringify(json)], 'model.json');
const weights = new File([weightData], 'weights.bin');
const labels = new File([JSON.stringify([...'abcdefghij'])], 'labels.json');

test('dropped files make the net that was written, with the names that came along', async () => {
  const read = await readModelFiles([weights, labels, model], 'unit');
  expect(read.classNames).toEqual([...'abcdefghij']);
  expect(read.layers).toEqual(net.layers);
});

test('a model that does not say how bytes become input gets what the visitor chose', async () => {
  const silent = new File([JSON.stringify({ ...json, userDefinedMetadata: undefined })], 'model.json');
  const read = await readModelFiles([silent, weights], 'signed');
  expect(read.preprocessing).toMatchObject({ channels: 'gray', mean: [0.5], std: [0.5] });
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

const ONNX = fileURLToPath(
  new URL('../../../../shared/models/squeezenet1.1/squeezenet1.1.onnx', import.meta.url),
);
test.skipIf(!existsSync(ONNX))(
  `an ONNX file of SqueezeNet is read, and its input is known${existsSync(ONNX) ? '' : ' [SKIPPED: ../shared has none]'}`,
  async () => {
    const read = await readModelFiles([new File([readFileSync(ONNX)], 'squeezenet1.1.onnx')], 'unit');
    expect(read.inputShape).toEqual([227, 227, 3]);
    expect(read.preprocessing).toMatchObject({ channels: 'bgr', mean: [104, 117, 123] });
  },
);
