import { memory, setBackend } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { weightsOf } from '../src/graph-weights.ts';
import {
  type Checkpoint,
  checkpointFromBytes,
  checkpointToBytes,
  evaluate,
  TRAIN_DEFAULTS,
  type TrainOptions,
  type TrainRequest,
  type TrainResult,
  train,
} from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { smallNet, thirds } from './digits.ts';

const OPTIONS: Partial<TrainOptions> = {
  epochs: 6,
  batchSize: 8,
  seed: 3,
  schedule: { type: 'oneCycle', rate: 0.02 },
  optimizer: { type: 'adam', weightDecay: 0.01 },
  augmentation: { shift: 0.5, rotate: 5 },
  labelSmoothing: 0.05,
};

function request(more: Partial<TrainRequest> = {}): TrainRequest {
  return { graph: smallNet(), ...thirds(90), options: OPTIONS, ...more };
}

function weightValues({ graph }: TrainResult): number[] {
  return [...weightsOf(graph).values()].flatMap(({ values }) => [...values]);
}

onEachBackend('train', () => {
  test('learns, and gives the graph of the best epoch on the held-out part', async () => {
    const given = request();
    const before = weightsOf(given.graph).get('conv2d_1/kernel')!.values.slice();
    const { graph, history, record } = await train(given);
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss);
    const accuracies = history.map(({ heldOutAccuracy }) => heldOutAccuracy);
    expect(record.best.heldOutAccuracy).toBe(Math.max(...accuracies));
    expect(record.best.heldOutAccuracy).toBeGreaterThan(0.8);
    const again = await evaluate(graph, given.data, { indices: given.split.heldOut });
    expect(again.accuracy).toBe(record.best.heldOutAccuracy);
    expect(again.confusion).toEqual(record.best.heldOutConfusion);
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(weightsOf(given.graph).get('conv2d_1/kernel')!.values).toEqual(before);
  });

  test('measures on images as they are, however they are augmented for training', async () => {
    const untouched = request({
      options: {
        ...OPTIONS,
        epochs: 1,
        // So small a rate that the weights stay where they are.
        optimizer: { type: 'sgd' },
        schedule: { type: 'constant', rate: 1e-30 },
        augmentation: {
          ...{ shift: 3, rotate: 90, scale: 0.5, elastic: { strength: 3 }, crop: { area: [0.1, 0.2] } },
          ...{ flip: true, colour: { brightness: 1, contrast: 1 } },
        },
      },
    });
    const { graph, record } = await train(untouched);
    const { accuracy, loss } = await evaluate(graph, untouched.data, { indices: untouched.split.heldOut });
    expect(record.best).toMatchObject({ heldOutAccuracy: accuracy, heldOutLoss: loss });
    const training = await evaluate(graph, untouched.data, { indices: untouched.split.train });
    expect(Math.abs(record.curve[0]!.loss - training.loss)).toBeGreaterThan(0.01);
    expect(record.options).toEqual({ ...TRAIN_DEFAULTS, ...untouched.options });
  });

  test('resumed from any epoch ends as an uninterrupted run does', async () => {
    const checkpoints: Uint8Array[] = [];
    const whole = await train(
      request({ onCheckpoint: (checkpoint) => void checkpoints.push(checkpointToBytes(checkpoint)) }),
    );
    expect(checkpoints).toHaveLength(6);
    for (const bytes of checkpoints) {
      const resumed = await train(request({ resume: checkpointFromBytes(bytes) }));
      const expected = weightValues(whole);
      weightValues(resumed).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-6);
      });
      expect(resumed.history.map(({ seconds, ...rest }) => rest)).toEqual(
        whole.history.map(({ seconds, ...rest }) => rest),
      );
    }
  });

  test('killed within an epoch and resumed ends the same', async () => {
    const whole = await train(request());
    const killer = new AbortController();
    let last: Checkpoint | undefined;
    const killed = train(
      request({
        signal: killer.signal,
        onCheckpoint: (checkpoint) => {
          last = checkpoint;
        },
        onStep: ({ epoch, step }) => {
          if (epoch === 3 && step === 2) killer.abort();
        },
      }),
    );
    await expect(killed).rejects.toThrow(/abort/i);
    expect(last?.curve).toHaveLength(2);
    expect(weightValues(await train(request({ resume: last })))).toEqual(weightValues(whole));
  });

  test('stops on the signal from a timer, with its reason', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    let steps = 0;
    setTimeout(() => controller.abort(reason), 30);
    const endless = request({
      options: { ...OPTIONS, epochs: 100_000 },
      signal: controller.signal,
      onStep: () => {
        steps++;
      },
    });
    await expect(train(endless)).rejects.toBe(reason);
    expect(steps).toBeGreaterThan(0);
  });

  test('holds no more tensors from step to step', async () => {
    const counts = new Set<number>();
    await train(request({ onStep: () => void counts.add(memory().numTensors) }));
    expect(counts.size).toBe(1);
  });

  test('trains with SGD', async () => {
    const options: Partial<TrainOptions> = {
      ...OPTIONS,
      optimizer: { type: 'sgd', momentum: 0.9 },
      schedule: { type: 'cosine', rate: 0.05, warmup: 0.1 },
    };
    const { history } = await train(request({ options }));
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss);
  });
});

describe('train refuses', () => {
  test.each<[string, Partial<TrainRequest>, RegExp]>([
    ['options out of range', { options: { epochs: 0 } }, /epochs: got 0/],
    ['a rate of NaN', { options: { schedule: { type: 'constant', rate: Number.NaN } } }, /rate: got NaN/],
    ['images of another size', { graph: { ...smallNet(), inputShape: [6, 6, 3] } }, /kernel/],
    [
      'a graph that does not say how bytes become input',
      { graph: { ...smallNet(), preprocessing: undefined } },
      /preprocessing: got none/,
    ],
    ['a split of other data', { split: thirds(120).split }, /split of thirds: train: got image 9\d/],
    [
      'classes that do not fit',
      { data: { ...thirds(90).data, classNames: ['a', 'b'] } },
      /got 2; allowed: 3/,
    ],
    [
      'a learning rate that makes the loss infinite',
      { options: { ...OPTIONS, optimizer: { type: 'sgd' }, schedule: { type: 'constant', rate: 1e30 } } },
      /a loss of NaN.*Lower the learning rate/,
    ],
  ])('%s', async (_what, more, message) => {
    await setBackend('cpu');
    const before = memory().numTensors;
    await expect(train(request(more))).rejects.toThrow(message);
    expect(memory().numTensors).toBe(before);
  });

  test('a checkpoint of another run', async () => {
    let saved: Checkpoint | undefined;
    const keep = (checkpoint: Checkpoint): void => {
      saved = checkpoint;
    };
    await train(request({ options: { ...OPTIONS, epochs: 1 }, onCheckpoint: keep }));
    await expect(train(request({ resume: saved }))).rejects.toThrow(/options .*"epochs":6.*"epochs":1/);
  });
});
