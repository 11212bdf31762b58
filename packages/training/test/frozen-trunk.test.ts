import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphError, type LayerGraph } from '@clearmaps/deconvnet';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { weightsOf } from '../src/graph-weights.ts';
import {
  divideNet,
  evaluate,
  FeatureExtractor,
  type FeatureMaps,
  mirrored,
  train,
  withTrainedHead,
} from '../src/index.ts';
import { cachedFeatures, featureKey } from '../src/node.ts';
import { thirds } from './digits.ts';
import { NetBuilder } from './small-nets.ts';
import '@tensorflow/tfjs-backend-cpu';

const folder = mkdtempSync(join(tmpdir(), 'clearmaps-features-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => void (await setBackend('cpu')));

/** conv2d_1, relu_2, conv2d_3, relu_4, globalAveragePool2d_5, dense_6. */
function net(): LayerGraph {
  const made = new NetBuilder([6, 6, 1], 3);
  made.conv([3, 3], 1, 4);
  made.simple('relu');
  made.conv([3, 3], 4, 5);
  made.simple('relu');
  made.simple('flatten');
  made.dense(180, 3);
  const preprocessing = {
    channels: 'gray',
    scale: 1 / 255,
    mean: [0.3],
    std: [0.5],
    resize: 'stretch',
  } as const;
  return { ...made.graph('thirds'), preprocessing };
}

async function featuresOf(trunk: LayerGraph, data = thirds(90).data): Promise<FeatureMaps> {
  const extractor = new FeatureExtractor(trunk);
  const [height, width, channels] = extractor.shape;
  const images = await extractor.maps(data);
  extractor.dispose();
  return { ...data, images, height, width, channels };
}

test('a head on cached maps learns what it learns in the whole net with the rest frozen', async () => {
  const graph = net();
  const { data, split } = thirds(90);
  const learning = graph.layers[2]!.name;
  const { trunk, head } = divideNet(graph, learning);
  const before = memory().numTensors;
  const options = { epochs: 3, batchSize: 8, augmentation: null };
  const whole = await train({ graph, data, split, options: { ...options, freeze: [graph.layers[0]!.name] } });
  const parted = await train({
    graph: { ...head, name: graph.name },
    data: await featuresOf(trunk),
    split,
    options,
  });
  expect(memory().numTensors).toBe(before);
  const joined = withTrainedHead(graph, parted.graph);
  for (const [key, { values }] of weightsOf(whole.graph)) {
    const other = weightsOf(joined).get(key)!.values;
    for (const [i, value] of values.entries()) expect(other[i]).toBeCloseTo(value, 5);
  }
  const { accuracy } = await evaluate(joined, data, { indices: split.heldOut });
  expect(accuracy).toBe(parted.record.best.heldOutAccuracy);
});

test('maps are trained on as they are: neither augmented nor joined to fresh images', async () => {
  const { trunk, head } = divideNet(net(), net().layers[2]!.name);
  const { split, data: fresh } = thirds(90);
  const data = await featuresOf(trunk);
  const augmented = train({ graph: head, data, split, options: { epochs: 1, augmentation: { flip: true } } });
  await expect(augmented).rejects.toThrow(/feature maps/);
  const make = () => fresh;
  const joined = train({
    graph: head,
    data,
    split,
    options: { epochs: 1 },
    fresh: { name: 'x', count: 90, make },
  });
  await expect(joined).rejects.toThrow(/feature maps/);
});

test('a net is divided only where one feature map passes', () => {
  const graph = net();
  expect(() => divideNet(graph, 'nowhere')).toThrow(/no layer of that name/);
  expect(() => divideNet(graph, graph.layers[0]!.name)).toThrow(GraphError);
  expect(() => divideNet(graph, graph.layers.at(-1)!.name)).toThrow(GraphError);
});

test('mirrored images have left and right exchanged', () => {
  const { data } = thirds(3);
  const { images } = mirrored(data);
  expect([...images.subarray(6, 12)]).toEqual([...data.images.subarray(6, 12)].reverse());
  expect(mirrored(mirrored(data))).toEqual(data);
});

/** Map i is [i, i + 0.5]; counts the maps made. */
function twos(key: string, count: number, stopAt = count) {
  const made: number[] = [];
  return {
    made,
    request: {
      key,
      count,
      size: 2,
      async *make(first: number) {
        for (let i = first; i < count; i++) {
          if (i === stopAt) throw new Error('stopped');
          made.push(i);
          yield Float32Array.of(i, i + 0.5);
        }
      },
    },
  };
}

test('the cache is made once, and goes on behind its last whole map after an interruption', async () => {
  const stopped = twos('a'.repeat(64), 5, 3);
  await expect(cachedFeatures(folder, stopped.request)).rejects.toThrow('stopped');
  const [part] = readdirSync(folder).filter((name) => name.startsWith('features-a'));
  expect(part).toMatch(/\.part$/);
  // Half of a map, as a process killed within a write leaves it.
  writeFileSync(join(folder, part!), readFileSync(join(folder, part!)).subarray(0, 2 * 8 + 3));
  const resumed = twos('a'.repeat(64), 5);
  expect([...(await cachedFeatures(folder, resumed.request))]).toEqual([
    0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5,
  ]);
  expect(resumed.made).toEqual([2, 3, 4]);
  const again = twos('a'.repeat(64), 5);
  expect((await cachedFeatures(folder, again.request)).length).toBe(10);
  expect(again.made).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith('features-a'))).toEqual([part!.slice(0, -5)]);
});

test('a cache that was damaged is refused', async () => {
  const { request } = twos('b'.repeat(64), 4);
  await cachedFeatures(folder, request);
  const path = join(folder, `features-${'b'.repeat(16)}.bin`);
  const whole = readFileSync(path);
  whole[5]! ^= 1;
  writeFileSync(path, whole);
  await expect(cachedFeatures(folder, request)).rejects.toThrow(/checksum/);
  writeFileSync(path, whole.subarray(0, 20));
  await expect(cachedFeatures(folder, request)).rejects.toThrow(/20 bytes/);
});

test('the key of a cache follows weights, preprocessing and pictures', async () => {
  const pictures = async function* (...texts: string[]) {
    yield* texts;
  };
  const { trunk } = divideNet(net(), net().layers[2]!.name);
  const [conv, ...others] = trunk.layers as [LayerGraph['layers'][number], ...LayerGraph['layers']];
  const heavier = structuredClone(conv) as { kernel: { values: Float32Array } } & typeof conv;
  heavier.kernel.values[0]! += 1;
  const keys = await Promise.all([
    featureKey(trunk, pictures('a', 'b')),
    featureKey(trunk, pictures('b', 'a')),
    featureKey(trunk, pictures('ab')),
    featureKey({ ...trunk, layers: [heavier, ...others] }, pictures('a', 'b')),
    featureKey({ ...trunk, preprocessing: { ...trunk.preprocessing!, mean: [0.4] } }, pictures('a', 'b')),
  ]);
  expect(new Set(keys).size).toBe(5);
  expect(await featureKey(structuredClone(trunk), pictures('a', 'b'))).toBe(keys[0]);
});
