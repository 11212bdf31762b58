import { getBackend, memory, setBackend } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { weightsOf } from '../src/graph-weights.ts';
import {
  type Checkpoint,
  Trainer,
  TrainingError,
  type TrainOptions,
  type TrainRequest,
  type TrainResult,
  train,
} from '../src/index.ts';
import { defaultWorkers, parallelGradients } from '../src/node.ts';
import { onEachBackend } from './backends.ts';
import { smallNet, thirds } from './digits.ts';

const MODULE = new URL('./worker-backend.ts', import.meta.url);
const OPTIONS: Partial<TrainOptions> = {
  epochs: 2,
  batchSize: 16,
  seed: 3,
  schedule: { type: 'cosine', rate: 0.02 },
  optimizer: { type: 'sgd', momentum: 0.9, weightDecay: 0.01 },
  augmentation: { shift: 0.5, rotate: 5 },
  labelSmoothing: 0.05,
};

const inWorkers = (workers: number, argument: string = getBackend()) =>
  parallelGradients({ workers, backend: { module: MODULE, argument } });

/** The net drops out, the last batch of an epoch is smaller and does not divide evenly. */
function request(more: Partial<TrainRequest> = {}): TrainRequest {
  return { graph: smallNet(), ...thirds(90), options: OPTIONS, ...more };
}

function weightValues({ graph }: TrainResult): number[] {
  return [...weightsOf(graph).values()].flatMap(({ values }) => [...values]);
}

function expectClose(got: TrainResult, expected: TrainResult, tolerance: number): void {
  const [values, wanted] = [weightValues(got), weightValues(expected)];
  const largest = Math.max(...wanted.map(Math.abs));
  values.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(tolerance * largest);
  });
}

onEachBackend('parallel gradients', () => {
  test.each([1, 2, 3])(
    'of %i workers lead to the weights of one thread, dropout and all',
    async (workers) => {
      const expected = await train(request({ keep: 'last' }));
      const got = await train(request({ keep: 'last', gradients: inWorkers(workers) }));
      expectClose(got, expected, 1e-5);
      expect([expected.record.workers, got.record.workers]).toEqual([1, workers]);
      got.history.forEach(({ loss, accuracy }, i) => {
        expect(loss).toBeCloseTo(expected.history[i]!.loss, 5);
        expect(accuracy).toBe(expected.history[i]!.accuracy);
      });
    },
  );
});

describe('parallel gradients in a run', () => {
  test('give the same weights each time, to the bit, with Adam too', async () => {
    await setBackend('wasm');
    const options: Partial<TrainOptions> = { ...OPTIONS, optimizer: { type: 'adam' } };
    const first = await train(request({ options, gradients: inWorkers(2) }));
    const second = await train(request({ options, gradients: inWorkers(2) }));
    expect(weightValues(second)).toEqual(weightValues(first));
  });

  test('leave frozen layers as they are', async () => {
    await setBackend('wasm');
    const options: Partial<TrainOptions> = { ...OPTIONS, freeze: ['conv2d_1'] };
    const expected = await train(request({ options, keep: 'last' }));
    const got = await train(request({ options, keep: 'last', gradients: inWorkers(2) }));
    const kernel = ({ graph }: { graph: TrainResult['graph'] }) =>
      weightsOf(graph).get('conv2d_1/kernel')!.values;
    expect(kernel(got)).toEqual(kernel(request()));
    expectClose(got, expected, 1e-5);
  });

  test('go on from a checkpoint of any number of workers', async () => {
    await setBackend('wasm');
    const saved: Checkpoint[] = [];
    const onCheckpoint = (checkpoint: Checkpoint) => void saved.push(checkpoint);
    const whole = await train(request({ keep: 'last', gradients: inWorkers(3), onCheckpoint }));
    expectClose(await train(request({ keep: 'last', resume: saved[0]! })), whole, 1e-5);
    const resumed = await train(request({ keep: 'last', resume: saved[0]!, gradients: inWorkers(3) }));
    expect(weightValues(resumed)).toEqual(weightValues(whole));
  });

  test('are cut off by the signal, with its reason', async () => {
    await setBackend('wasm');
    const before = memory().numTensors;
    const controller = new AbortController();
    const reason = new Error('enough');
    const endless = request({
      options: { ...OPTIONS, epochs: 100_000 },
      gradients: inWorkers(2),
      signal: controller.signal,
      onStep: ({ epoch }) => {
        if (epoch === 2) setTimeout(() => controller.abort(reason), 1);
      },
    });
    await expect(train(endless)).rejects.toBe(reason);
    expect(memory().numTensors).toBe(before);
  });

  test('are cut off while the workers start', async () => {
    await setBackend('wasm');
    const signal = AbortSignal.timeout(20);
    await expect(train(request({ gradients: inWorkers(2), signal }))).rejects.toThrow(/timeout/);
  });

  test.each([
    [
      'a backend that cannot start',
      'broken',
      /training worker \d of 2: got RangeError: no such backend\. Train/,
    ],
    ['a worker that dies', 'dead', /training worker \d of 2: got an end with exit code 3/],
    ['a module that starts no backend', 'none', /started no backend of the @tensorflow\/tfjs-core/],
  ])('tell of %s as errors of ours', async (_what, argument, message) => {
    await setBackend('wasm');
    const before = memory().numTensors;
    const error = await train(request({ gradients: inWorkers(2, argument) })).catch((caught) => caught);
    expect(error).toBeInstanceOf(TrainingError);
    expect(error.message).toMatch(message);
    expect(memory().numTensors).toBe(before);
  });

  test('tell of a module that is not there, or has no default export', async () => {
    await setBackend('wasm');
    for (const [module, message] of [
      [new URL('./nowhere.ts', import.meta.url), /nowhere/],
      ['data:text/javascript,export const other = 1', /no function as its default export/],
    ] as const) {
      const gradients = parallelGradients({ workers: 1, backend: { module } });
      await expect(train(request({ gradients }))).rejects.toThrow(message);
    }
  });

  test('tell of a step that fails, and then take the next', async () => {
    await setBackend('wasm');
    const trainer = new Trainer(smallNet());
    const source = await inWorkers(1)(trainer);
    const { data } = thirds(90);
    const task = { data, indices: [0, 1, 2], dropout: [1] };
    const strange = { ...data, labels: data.labels.map(() => 7) };
    await expect(source.gradients({ ...task, data: strange })).rejects.toThrow(
      /training worker 1 of 1: got TrainingError: batch: label 0: got 7/,
    );
    const { gradients, result } = await source.gradients(task);
    expect(result.images).toBe(3);
    for (const gradient of gradients.values()) gradient.dispose();
    await source.close();
    await expect(source.gradients(task)).rejects.toThrow(TrainingError);
    trainer.dispose();
  });

  test('refuse a number of workers that is none', () => {
    for (const workers of [0, -1, 1.5, Number.NaN]) {
      expect(() => inWorkers(workers)).toThrow(`training: workers: got ${workers}; allowed: integers from 1`);
    }
  });

  test('take between one and four workers by default', () => {
    expect(defaultWorkers()).toBeGreaterThanOrEqual(1);
    expect(defaultWorkers()).toBeLessThanOrEqual(4);
  });
});
