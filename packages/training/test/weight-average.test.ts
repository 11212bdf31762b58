import { memory, setBackend } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { type ParameterMap, weightsOf } from '../src/graph-weights.ts';
import {
  type Batch,
  type Checkpoint,
  checkpointFromBytes,
  checkpointToBytes,
  evaluate,
  outcomeWeights,
  Random,
  Trainer,
  type TrainOptions,
  type TrainRequest,
  type TrainResult,
  train,
} from '../src/index.ts';
import { parallelGradients } from '../src/node.ts';
import { onEachBackend } from './backends.ts';
import { smallNet, thirds } from './digits.ts';

const MODULE = new URL('./worker-backend.ts', import.meta.url);
const OPTIONS: Partial<TrainOptions> = {
  epochs: 3,
  batchSize: 16,
  seed: 3,
  schedule: { type: 'cosine', rate: 0.02 },
  optimizer: { type: 'adam', weightDecay: 0.01 },
  averageWeights: 0.9,
};

function request(options: Partial<TrainOptions> = {}, more: Partial<TrainRequest> = {}): TrainRequest {
  return { graph: smallNet(), ...thirds(90), options: { ...OPTIONS, ...options }, ...more };
}

function valuesOf(graph: TrainResult['graph']): Map<string, Float32Array> {
  return new Map([...weightsOf(graph)].map(([key, { values }]) => [key, values]));
}

function batch(seed: number): Batch {
  const random = Random.stream(seed);
  return {
    images: Float32Array.from({ length: 4 * 36 }, () => random.between(-1, 1)),
    labels: Int32Array.of(0, 1, 2, 0),
  };
}

function expectClose(got: ParameterMap<Float32Array>, expected: ParameterMap<ArrayLike<number>>): void {
  expect([...got.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, values] of got) {
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.get(key)![i]!, 6);
    });
  }
}

onEachBackend('averaged weights', () => {
  test.each([0.25, 0.99])('with a decay of %f are those of the formula, step by step', async (decay) => {
    const graph = smallNet();
    const trainer = new Trainer(graph, { freeze: ['conv2d_1'], averageWeights: decay });
    const averages = new Map([...valuesOf(graph)].map(([key, values]) => [key, Float64Array.from(values)]));
    for (let step = 1; step <= 8; step++) {
      await trainer.fit(batch(step), 0.1);
      const d = Math.min(decay, (1 + step) / (10 + step));
      for (const [key, weights] of valuesOf(await trainer.toGraph())) {
        const average = averages.get(key)!;
        weights.forEach((weight, i) => {
          average[i] = d * average[i]! + (1 - d) * weight;
        });
      }
      expectClose(valuesOf(await trainer.outcome.toGraph()), averages);
    }
    const state = await trainer.save();
    expect(outcomeWeights(state)).toEqual(valuesOf(await trainer.outcome.toGraph()));
    const { weights, averages: saved } = state;
    expect([...saved!.keys()]).toEqual(['dense_6/kernel', 'dense_6/bias']);
    expect(saved!.get('dense_6/kernel')).not.toEqual(weights.get('dense_6/kernel'));
    trainer.dispose();
  });

  test('do not change how the others learn, and are what is measured, kept and given out', async () => {
    for (const keep of ['best', 'last'] as const) {
      const saved: Checkpoint[] = [];
      const onCheckpoint = (made: Checkpoint) => void saved.push(made);
      await train(request({ averageWeights: undefined }, { keep, onCheckpoint }));
      const plain = saved.at(-1)!;
      const asked = request({}, { keep, onCheckpoint });
      const { graph, record } = await train(asked);
      const averaged = saved.at(-1)!;
      expect(averaged.trainer.weights).toEqual(plain.trainer.weights);
      expect(averaged.trainer.moments).toEqual(plain.trainer.moments);
      expect(outcomeWeights(plain.trainer)).toBe(plain.trainer.weights);
      expect(averaged.curve.map(({ loss }) => loss)).toEqual(plain.curve.map(({ loss }) => loss));
      if (keep === 'last') expect(valuesOf(graph)).toEqual(averaged.trainer.averages);
      const { accuracy, loss } = await evaluate(graph, asked.data, { indices: asked.split.heldOut });
      expect(record.best).toMatchObject({ heldOutAccuracy: accuracy, heldOutLoss: loss });
      expect(record.best.heldOutLoss).not.toBe(plain.curve[record.best.epoch - 1]!.heldOutLoss);
      expect(record.options.averageWeights).toBe(0.9);
    }
  });

  test('resumed from any epoch end to the bit as those of an uninterrupted run', async () => {
    for (const freeze of [[], ['conv2d_1']]) {
      const saved: Uint8Array[] = [];
      const onCheckpoint = (made: Checkpoint) => void saved.push(checkpointToBytes(made));
      const whole = await train(request({ freeze }, { keep: 'last', onCheckpoint }));
      expect(saved).toHaveLength(3);
      for (const bytes of saved) {
        const resume = checkpointFromBytes(bytes);
        const resumed = await train(request({ freeze }, { keep: 'last', resume }));
        expect(valuesOf(resumed.graph)).toEqual(valuesOf(whole.graph));
        expect(resumed.record.best).toEqual(whole.record.best);
      }
    }
  });

  test('hold no tensors from step to step, and none in the end', async () => {
    const before = memory().numTensors;
    const counts = new Set<number>();
    await train(request({}, { onStep: () => void counts.add(memory().numTensors) }));
    expect(counts.size).toBe(1);
    expect(memory().numTensors).toBe(before);
  });
});

describe('averaged weights', () => {
  test('come out of several workers as out of one thread, and resumed to the bit', async () => {
    await setBackend('wasm');
    const sgd: Partial<TrainOptions> = { optimizer: { type: 'sgd', momentum: 0.9 } };
    const gradients = parallelGradients({ workers: 2, backend: { module: MODULE, argument: 'wasm' } });
    const saved: Checkpoint[] = [];
    const onCheckpoint = (made: Checkpoint) => void saved.push(made);
    const alone = await train(request(sgd, { keep: 'last' }));
    const shared = await train(request(sgd, { keep: 'last', gradients, onCheckpoint }));
    expectClose(valuesOf(shared.graph), valuesOf(alone.graph));
    const resumed = await train(request(sgd, { keep: 'last', gradients, resume: saved[0] }));
    expect(valuesOf(resumed.graph)).toEqual(valuesOf(shared.graph));
  });

  test('restore the frozen weights of a trainer that began elsewhere', async () => {
    await setBackend('cpu');
    const options = { freeze: ['conv2d_1'], averageWeights: 0.9 };
    const from = new Trainer(smallNet(), options);
    await from.fit(batch(1), 0.1);
    const other = smallNet();
    const shifted = other.layers.map((layer) =>
      layer.type === 'conv2d'
        ? { ...layer, kernel: { ...layer.kernel, values: layer.kernel.values.map((value) => value + 1) } }
        : layer,
    );
    const to = new Trainer({ ...other, layers: shifted }, options);
    to.restore(await from.save());
    expect(valuesOf(await to.outcome.toGraph())).toEqual(valuesOf(await from.outcome.toGraph()));
    from.dispose();
    to.dispose();
  });

  test('refuse a decay out of range, and a state that was averaged otherwise', async () => {
    await setBackend('cpu');
    const before = memory().numTensors;
    for (const averageWeights of [1, -0.1, Number.NaN]) {
      const message = `averageWeights: got ${averageWeights}; allowed: 0 <= x < 1`;
      expect(() => new Trainer(smallNet(), { averageWeights })).toThrow(message);
      await expect(train(request({ averageWeights }))).rejects.toThrow(message);
    }
    const plain = new Trainer(smallNet());
    const averaging = new Trainer(smallNet(), { averageWeights: 0.9 });
    const states = [await plain.save(), await averaging.save()] as const;
    expect(() => averaging.restore(states[0])).toThrow(
      /saved averaged weights: "conv2d_1\/kernel": got no values/,
    );
    expect(() => plain.restore(states[1])).toThrow(/saved averaged weights.*allowed: no values/);
    plain.dispose();
    averaging.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
