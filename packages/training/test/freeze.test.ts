import { GraphError, type LayerGraph } from '@clearmaps/deconvnet';
import { type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import { describe, expect, test, vi } from 'vitest';
import { crossEntropyGradient } from '../src/cross-entropy.ts';
import * as filterGradients from '../src/filter-gradient.ts';
import { weightsOf } from '../src/graph-weights.ts';
import { Random, Trainer, train } from '../src/index.ts';
import { TrainableNet } from '../src/trainable-net.ts';
import { onEachBackend } from './backends.ts';
import { smallNet, thirds } from './digits.ts';
import { NetBuilder } from './small-nets.ts';

/** Three convolutions in a row and a head: conv2d_1, conv2d_3, conv2d_5, dense_7. */
function deepNet(): LayerGraph {
  const net = new NetBuilder([6, 6, 1], 3);
  net.conv([3, 3], 1, 3);
  net.simple('relu');
  net.conv([3, 3], 3, 3);
  net.simple('relu');
  net.conv([3, 3], 3, 3);
  net.simple('globalAveragePool2d');
  net.dense(3, 3);
  return net.graph();
}

function gradientsOf(net: TrainableNet): Map<string, Tensor> {
  const random = Random.stream(1);
  const images = tensor4d(
    Float32Array.from({ length: 4 * 36 }, () => random.between(-1, 1)),
    [4, 6, 6, 1],
  );
  const tape = net.forward(images);
  const scores = crossEntropyGradient(tape.logits, [0, 1, 2, 0]);
  const gradients = net.backward(tape, scores);
  images.dispose();
  scores.dispose();
  return new Map(gradients);
}

onEachBackend('frozen layers', () => {
  test('keep their weights to the bit while the others learn, with weight decay too', async () => {
    const graph = smallNet();
    const { graph: trained } = await train({
      graph,
      ...thirds(90),
      options: {
        epochs: 2,
        batchSize: 8,
        freeze: ['conv2d_1'],
        optimizer: { type: 'adam', weightDecay: 0.1 },
      },
    });
    for (const [key, { values }] of weightsOf(trained)) {
      const before = weightsOf(graph).get(key)!.values;
      if (key.startsWith('conv2d_1/')) expect(values).toEqual(before);
      else expect(values).not.toEqual(before);
    }
  });

  test('change nothing in the gradients of the others, wherever they stand', () => {
    const whole = new TrainableNet(deepNet());
    const expected = gradientsOf(whole);
    for (const frozen of [['conv2d_1'], ['conv2d_3'], ['conv2d_1', 'conv2d_3'], ['dense_7']]) {
      const net = new TrainableNet(deepNet(), frozen);
      const got = gradientsOf(net);
      expect([...got.keys()].sort()).toEqual([...net.trainable.keys()].sort());
      expect([...got.keys()].some((key) => frozen.includes(key.split('/')[0]!))).toBe(false);
      for (const [key, gradient] of got) {
        expect(gradient.dataSync()).toEqual(expected.get(key)!.dataSync());
        gradient.dispose();
      }
      net.dispose();
    }
    for (const gradient of expected.values()) gradient.dispose();
    whole.dispose();
  });

  test('cost nothing on the way back: no filter gradient is computed for them or below the lowest that learns', () => {
    const counted = vi.spyOn(filterGradients, 'filterGradient');
    for (const [frozen, filters] of [
      [[], 3],
      [['conv2d_3'], 2],
      [['conv2d_1', 'conv2d_3'], 1],
      [['conv2d_1', 'conv2d_3', 'conv2d_5'], 0],
    ] as const) {
      counted.mockClear();
      const net = new TrainableNet(deepNet(), frozen);
      for (const gradient of gradientsOf(net).values()) gradient.dispose();
      net.dispose();
      expect(counted).toHaveBeenCalledTimes(filters);
    }
    counted.mockRestore();
  });

  test('have no moments, so a checkpoint holds none of them', async () => {
    const trainer = new Trainer(deepNet(), { freeze: ['conv2d_1', 'conv2d_3', 'conv2d_5'] });
    const { moments, weights } = await trainer.save();
    expect([...moments.keys()]).toEqual([
      'dense_7/kernel/0',
      'dense_7/kernel/1',
      'dense_7/bias/0',
      'dense_7/bias/1',
    ]);
    expect(weights.size).toBe(8);
    trainer.dispose();
  });
});

describe('freezing refuses', () => {
  test('layers that are not there or have no weights, and says which have', () => {
    for (const name of ['conv2d_9', 'relu_2', 'input']) {
      expect(() => new Trainer(deepNet(), { freeze: [name] })).toThrow(
        `frozen layer: got "${name}"; allowed: conv2d_1, conv2d_3, conv2d_5, dense_7`,
      );
    }
  });

  test('the whole net', () => {
    const all = ['conv2d_1', 'conv2d_3', 'conv2d_5', 'dense_7'];
    expect(() => new Trainer(deepNet(), { freeze: all })).toThrow(GraphError);
  });
});

test('a convolution with groups is frozen, or refused by name', () => {
  const net = new NetBuilder([5, 5, 2], 2);
  net.conv([3, 3], 1, 4, { groups: 2 });
  net.conv([1, 1], 4, 3);
  net.simple('globalAveragePool2d');
  expect(() => new TrainableNet(net.graph())).toThrow(
    'layer "conv2d_1" (conv2d), to train: got a convolution with groups; allowed: convolutions without groups. Freeze it.',
  );
});
