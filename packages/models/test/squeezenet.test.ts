import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFeatureMap, validateGraph } from '@clearmaps/deconvnet';
import { describe, expect, it } from 'vitest';
import { layersModelFromGraph } from '../src/index.ts';
import { readLayersModel } from '../src/node.ts';
import { sharedFolder } from './shared-files.ts';

const folder = sharedFolder('models/squeezenet1.1');

describe.skipIf(folder.missing)(`SqueezeNet 1.1 trained on ImageNet${folder.missing}`, () => {
  it('reads as a DAG of the published shapes', async () => {
    const graph = await readLayersModel(folder.path);
    const shapes = validateGraph(graph);
    expect(graph.inputShape).toEqual([227, 227, 3]);
    // Iandola et al. 2016, Table 1, in the version 1.1 of the authors' repository.
    const published = {
      conv1: [113, 113, 64],
      pool1: [56, 56, 64],
      fire2_concat: [56, 56, 128],
      fire3_concat: [56, 56, 128],
      pool3: [28, 28, 128],
      fire5_concat: [28, 28, 256],
      pool5: [14, 14, 256],
      fire6_concat: [14, 14, 384],
      fire9_concat: [14, 14, 512],
      conv10: [14, 14, 1000],
      pool10: [1000],
      prob: [1000],
    };
    for (const [name, shape] of Object.entries(published)) expect(shapes.get(name), name).toEqual(shape);
    expect(graph.layers.at(-1)).toMatchObject({ name: 'prob', type: 'softmax' });
    expect(findFeatureMap(graph, shapes)).toEqual({
      layer: 'conv10_relu',
      shape: [14, 14, 1000],
      logits: 'pool10',
    });
  });

  it('has a ReLU layer after each of its 26 convolutions, and joins the two expansions of a fire module', async () => {
    const { layers } = await readLayersModel(join(folder.path, 'model.json'));
    expect(layers.filter((layer) => layer.type === 'conv2d')).toHaveLength(26);
    expect(layers.filter((layer) => layer.type === 'relu')).toHaveLength(26);
    expect(layers.find((layer) => layer.name === 'fire2_concat')?.inputs).toEqual([
      'fire2_expand1x1_relu',
      'fire2_expand3x3_relu',
    ]);
  });

  it('keeps every weight of weights.bin, in order', async () => {
    const graph = await readLayersModel(folder.path);
    const file = readFileSync(join(folder.path, 'weights.bin'));
    expect(Buffer.compare(Buffer.from(layersModelFromGraph(graph).weightData), file)).toBe(0);
  });
});
