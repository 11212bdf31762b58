import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Checkpoint,
  type CrossValidationProgress,
  type CrossValidationRecord,
  crossValidate,
  type FreshImages,
  type TrainOptions,
  train,
} from '../src/index.ts';
import './backends.ts';
import { type LabelledImages, type Split, stratifiedFolds, undividedSplit } from '@clearmaps/datasets';
import { smallNet, thirds } from './digits.ts';

const OPTIONS: Partial<TrainOptions> = {
  epochs: 4,
  batchSize: 8,
  schedule: { type: 'oneCycle', rate: 0.02 },
};

const threeFolds = ({ labels }: LabelledImages): Split[] => stratifiedFolds(labels, { folds: 3, seed: 1 });

beforeAll(async () => {
  await setBackend('cpu');
});

describe('cross-validation', () => {
  test('decides each image once, by a net that has not seen it', async () => {
    const { data } = thirds(60);
    const told: number[] = [];
    const record = await crossValidate({
      graph: smallNet(),
      data,
      splits: threeFolds(data),
      options: { ...OPTIONS, epochs: 8 },
      onFold: (fold) => void told.push(fold),
    });
    expect(told).toEqual([1, 2, 3]);
    expect(record.folds.map(({ images }) => images)).toEqual([20, 20, 20]);
    const { right, images, accuracy, interval, confusion } = record.pooled;
    expect(images).toBe(60);
    expect(confusion.map((row) => row.reduce((a, b) => a + b, 0))).toEqual([20, 20, 20]);
    expect(right).toBe(record.folds.reduce((sum, fold) => sum + fold.accuracy * fold.images, 0));
    expect(accuracy).toBeGreaterThan(0.6);
    expect(interval[0]).toBeLessThan(accuracy);
    expect(interval[1]).toBeGreaterThan(accuracy);
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  });

  test('measures changed images by the nets that have not seen them, without an effect on these', async () => {
    const { data } = thirds(36);
    const request = { graph: smallNet(), data, splits: threeFolds(data), options: { ...OPTIONS, epochs: 6 } };
    const changes = [{ name: 'none' }, { name: 'mirrored', placement: { mirrored: true } }];
    const before = memory().numTensors;
    const record = await crossValidate({ ...request, robustness: { changes } });
    expect(memory().numTensors).toBe(before);
    const plain = await crossValidate(request);
    const { robustness, ...pooled } = record.pooled;
    expect(pooled).toEqual(plain.pooled);
    expect(record.folds.map(({ robustness }) => robustness![0]!.accuracy)).toEqual(
      record.folds.map(({ accuracy }) => accuracy),
    );
    const [none, mirrored] = robustness!;
    expect(none).toMatchObject({
      change: 'none',
      right: pooled.right,
      images: 36,
      interval: pooled.interval,
    });
    // Left becomes right; the middle stays.
    expect(mirrored!.right).toBeLessThan(none!.right);
  });

  test.each([
    ['before its first fold was done', 2],
    ['at the end of a fold', 4],
    ['in a later fold', 7],
  ])('stopped %s, goes on to the record of an unbroken run', async (_when, epochs) => {
    const { data } = thirds(36);
    const request = { graph: smallNet(), data, splits: threeFolds(data), options: OPTIONS };
    const whole = await crossValidate(request);
    const stop = new AbortController();
    let [record, checkpoint]: [CrossValidationRecord?, Checkpoint?] = [];
    let done = 0;
    const stopped = crossValidate({
      ...request,
      signal: stop.signal,
      onCheckpoint: (state) => {
        checkpoint = state;
        if (++done === epochs) stop.abort(new Error('stopped'));
      },
      onFold: (_fold, _result, soFar) => {
        record = JSON.parse(JSON.stringify(soFar));
        checkpoint = undefined;
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    let trained = 0;
    const resume: CrossValidationProgress = { record, checkpoint };
    expect(await crossValidate({ ...request, resume, onEpoch: () => void trained++ })).toEqual(whole);
    expect(trained).toBe(12 - epochs);
  });

  test('goes on with nothing but its own folds', async () => {
    const { data } = thirds(36);
    const request = { graph: smallNet(), data, splits: threeFolds(data), options: { ...OPTIONS, epochs: 1 } };
    const record = await crossValidate(request);
    const others: [string, object][] = [
      ['options', { options: { ...OPTIONS, epochs: 2 } }],
      ['data', { data: thirds(39).data }],
      ['folds', { splits: threeFolds(data).toReversed() }],
      ['robustness', { robustness: {} }],
    ];
    for (const [what, other] of others) {
      await expect(crossValidate({ ...request, ...other, resume: { record } })).rejects.toThrow(
        new RegExp(`resumed cross-validation: ${what}`),
      );
    }
    await expect(crossValidate({ ...request, splits: threeFolds(data).slice(0, 1) })).rejects.toThrow(
      /got 1 folds; allowed: from 2/,
    );
  });
});

describe('training on two sets', () => {
  const { data } = thirds(30);
  const fresh = (asked: number[]): FreshImages => ({
    name: 'more thirds',
    count: 60,
    make: (epoch) => {
      asked.push(epoch);
      return thirds(60).data;
    },
  });

  test('makes fresh images for each epoch, measures on the test set and keeps the last epoch', async () => {
    const asked: number[] = [];
    const test = thirds(45).data;
    const { history, record } = await train({
      graph: smallNet(),
      data,
      split: undividedSplit(data.labels),
      fresh: fresh(asked),
      test,
      keep: 'last',
      options: OPTIONS,
    });
    expect(asked).toEqual([1, 2, 3, 4]);
    expect(history.map(({ step }) => step)).toEqual([12, 24, 36, 48]); // 30 + 60 images in batches of 8
    expect(record.best.epoch).toBe(4);
    expect(record.kept).toBe('last');
    expect(record.best.heldOutConfusion.flat().reduce((a, b) => a + b, 0)).toBe(45);
    expect(record.data).toMatchObject({
      images: 30,
      fresh: { name: 'more thirds', imagesAnEpoch: 60 },
      test: { name: 'thirds', images: 45 },
    });
  });

  test('needs a test set where nothing is held out', async () => {
    const split = undividedSplit(data.labels);
    await expect(train({ graph: smallNet(), data, split, options: OPTIONS })).rejects.toThrow(
      /heldOut: got no images/,
    );
  });
});
