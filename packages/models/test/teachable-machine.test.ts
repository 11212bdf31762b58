import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFeatureMap, validateGraph } from '@clearmaps/deconvnet/graph';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError, readTeachableMachineMetadata } from '../src/index.ts';
import { readLayersModel } from '../src/node.ts';
import { randomInput } from './random-graphs.ts';
import { referenceForward } from './reference-forward.ts';
import { TEACHABLE_MACHINE_METADATA as METADATA, teachableMachineModel } from './teachable-machine-model.ts';
import { expectClose, predict, scrambled, writeExport } from './tfjs-models.ts';

let dir = '';
let model: tfl.LayersModel;
beforeEach(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  dir = await mkdtemp(join(tmpdir(), 'clearmaps-tm-'));
  model = scrambled(teachableMachineModel());
  await writeExport(dir, model, { 'metadata.json': METADATA });
});
afterEach(async () => {
  model.dispose();
  await rm(dir, { recursive: true, force: true });
});

describe('a Teachable Machine export', () => {
  it('reads from its folder and answers as in tfjs-layers', async () => {
    const graph = await readLayersModel(dir);
    const image = randomInput(graph, 9);
    const probabilities = referenceForward(graph, image).get(graph.layers.at(-1)!.name)!;
    expectClose(await predict(model, graph, image), probabilities.values, 1e-5);
    // Every batch normalisation of MobileNetV2 follows a convolution.
    expect(graph.layers.filter((layer) => layer.type === 'affine')).toEqual([]);
    expect(findFeatureMap(graph, validateGraph(graph)).shape).toEqual([8, 8, 3]);
  });

  it('has its labels as class names, and pictures cut to a square and scaled to -1..1 or a little more', async () => {
    const { classNames, preprocessing } = await readLayersModel(dir);
    expect(classNames).toEqual(['cat', 'dog', 'neither']);
    expect(preprocessing).toEqual({
      channels: 'rgb',
      scale: 1 / 127,
      mean: [1, 1, 1],
      std: [1, 1, 1],
      resize: 'centerCrop',
    });
    expect((await readLayersModel(dir, { classNames: ['x', 'y', 'z'] })).classNames).toEqual(['x', 'y', 'z']);
  });

  it('with labels of another number than classes, or none that are texts, is refused', async () => {
    await writeFile(join(dir, 'metadata.json'), JSON.stringify({ ...METADATA, labels: ['cat'] }));
    await expect(readLayersModel(dir)).rejects.toThrow(/classNames: got 1 names; allowed: 3/);
    await writeFile(join(dir, 'metadata.json'), JSON.stringify({ ...METADATA, labels: [1, 2, 3] }));
    await expect(readLayersModel(dir)).rejects.toThrow(/metadata\.json: labels\[0\]: got 1/);
    await writeFile(join(dir, 'metadata.json'), '<html>');
    await expect(readLayersModel(dir)).rejects.toThrow(ModelFileError);
  });

  it('is told from other files of this name', () => {
    expect(readTeachableMachineMetadata({ labels: ['a'] })).toBeUndefined();
    expect(readTeachableMachineMetadata({ ...METADATA, grayscale: true })?.preprocessing.channels).toBe(
      'gray',
    );
  });
});
