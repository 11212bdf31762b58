import { tensor4d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { scoreBatch } from '../src/cross-entropy.ts';
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

  test('decides by the mean scores of an image and its mirror image where asked to', async () => {
    const graph = smallNet();
    const { data } = thirds(17);
    const size = 36;
    const scoresOf = async (pixel: (image: number, row: number, column: number) => number) => {
      const net = new TrainableNet(graph);
      const bytes = Array.from({ length: 17 * size }, (_, i) =>
        pixel(Math.floor(i / size), Math.floor((i % size) / 6), i % 6),
      );
      const images = tensor4d(
        bytes.map((byte) => (byte / 255 - 0.3) / 0.5),
        [17, 6, 6, 1],
      );
      const scores = net.predict(images);
      const values = [...(await scores.data())];
      for (const owner of [images, scores, net]) owner.dispose();
      return values;
    };
    const at = (image: number, row: number, column: number) => data.images[image * size + row * 6 + column]!;
    const plain = await scoresOf(at);
    const mirrored = await scoresOf((image, row, column) => at(image, row, 5 - column));
    const expected = scoreBatch(
      plain.map((score, i) => (score + mirrored[i]!) / 2),
      data.labels,
    );
    const { loss, accuracy } = await evaluate(graph, data, { batchSize: 5, mirrorAtTest: true });
    expect(loss).toBeCloseTo(expected.loss / 17, 5);
    expect(accuracy).toBeCloseTo(expected.correct / 17, 12);
    expect(Math.abs(loss - (await evaluate(graph, data)).loss)).toBeGreaterThan(1e-3);
    const maps = { ...data, images: Float32Array.from(data.images) };
    await expect(evaluate(graph, maps, { mirrorAtTest: true })).rejects.toThrow(/got feature maps/);
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
