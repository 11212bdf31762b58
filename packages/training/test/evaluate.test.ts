import { tensor4d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { evaluate, TrainingError } from '../src/index.ts';
import { TrainableNet } from '../src/trainable-net.ts';
import { onEachBackend } from './backends.ts';
import { smallNet, thirds } from './digits.ts';
import { oracleLoss, oracleWeights } from './oracle.ts';

onEachBackend('evaluate', () => {
  test('counts as the oracle does, whatever the batch size', async () => {
    const graph = smallNet();
    const { data } = thirds(17);
    const pixels = Float64Array.from(data.images, (byte) => (byte / 255 - 0.3) / 0.5);
    const loss = oracleLoss(graph, oracleWeights(graph), { shape: [17, 6, 6, 1], data: pixels }, [
      ...data.labels,
    ]);
    const whole = await evaluate(graph, data, { batchSize: 17 });
    expect(whole.loss).toBeCloseTo(loss, 5);
    expect(whole.images).toBe(17);
    expect(whole.confusion.flat().reduce((a, b) => a + b, 0)).toBe(17);
    expect(whole.accuracy).toBeCloseTo(whole.confusion.reduce((sum, row, i) => sum + row[i]!, 0) / 17, 12);
    const inFours = await evaluate(graph, data, { batchSize: 4 });
    expect(inFours.confusion).toEqual(whole.confusion);
    expect(inFours.loss).toBeCloseTo(whole.loss, 6);
  });

  test('takes the chosen images only', async () => {
    const { data } = thirds(9);
    const { images, confusion, accuracyByClass } = await evaluate(smallNet(), data, { indices: [0, 3, 6] });
    expect(images).toBe(3);
    expect(confusion[1]).toEqual([0, 0, 0]);
    expect(accuracyByClass[1]).toBeNaN();
  });

  test('refuses no images and stops on a signal', async () => {
    const { data } = thirds(9);
    await expect(evaluate(smallNet(), data, { indices: [] })).rejects.toThrow(TrainingError);
    await expect(evaluate(smallNet(), data, { batchSize: 0 })).rejects.toThrow(/batches of 0/);
    await expect(evaluate(smallNet(), data, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  test('a prediction equals the forward pass of a training step without dropout', async () => {
    const net = new TrainableNet(smallNet());
    const images = tensor4d(Float32Array.from({ length: 72 }, Math.sin), [2, 6, 6, 1]);
    const tape = net.forward(images);
    const scores = net.predict(images);
    expect([...(await scores.data())]).toEqual([...(await tape.logits.data())]);
    for (const owner of [tape, scores, images, net]) owner.dispose();
  });
});
