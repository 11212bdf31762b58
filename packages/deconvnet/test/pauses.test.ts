import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type AsyncExplainOptions, createExplainer, type Explainer, type LayerGraph } from '../src/index.ts';
import { fewerOnWebGpu, onEachBackend } from './backends.ts';
import { randomWindows } from './change-cases.ts';
import { Random } from './random.ts';
import { randomGraph } from './random-graphs.ts';
import { imagesFor, smallNetOfPixels } from './small-nets.ts';

/** All classes in one sweep. */
const CASES: readonly [title: string, graph: LayerGraph, options: AsyncExplainOptions][] = [
  ['layers on the way', smallNetOfPixels(), { responses: true, layers: ['conv_1', 'pool'] }],
  ['groups', smallNetOfPixels(), { groups: [[0, 2], [1]], at: 'pool' }],
  ['relevance', smallNetOfPixels(), { rule: 'lrp-gamma' }],
  ['branches', randomGraph(3).graph, { rule: 'gradient-x-input' }],
];

/** As if every layer took a second. */
let onAskedTime: () => void;
beforeEach(() => {
  onAskedTime = () => {};
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    onAskedTime();
    now += 1000;
    return now;
  });
});
afterEach(() => void vi.restoreAllMocks());

onEachBackend((backend) => {
  it.each(fewerOnWebGpu(backend, CASES, 1))(
    'hears an abort after each layer, and leaves nothing behind: %s',
    async (_, graph, options) => {
      const explainer = createExplainer(graph);
      const image = imagesFor(graph);
      const expected = await explainer.explain(image, options);
      const tensors = tf.memory().numTensors;
      const quiet = new AbortController();
      let moments = 0;
      onAskedTime = () => void moments++;
      expect(await explainer.explain(image, { ...options, signal: quiet.signal })).toEqual(expected);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(moments).toBeGreaterThan(1.5 * graph.layers.length);

      for (let stopAt = 1; stopAt <= moments; stopAt++) {
        await expect(stopped(explainer, image, options, stopAt)).rejects.toBe(`at ${stopAt}`);
        expect(tf.memory().numTensors, `stopped at ${stopAt} of ${moments}`).toBe(tensors);
      }
      explainer.dispose();
    },
  );

  it('hears an abort between two batches of changes', async () => {
    const graph = smallNetOfPixels();
    const explainer = createExplainer(graph);
    const image = imagesFor(graph);
    const windows = randomWindows(graph, new Random(3));
    const options = { batch: 1, mostShare: 0 };
    const expected = await explainer.predictChanges(image, windows, options);
    const tensors = tf.memory().numTensors;
    const { signal } = new AbortController();
    expect(await explainer.predictChanges(image, windows, { ...options, signal })).toEqual(expected);

    const controller = new AbortController();
    let moments = 0;
    onAskedTime = () => {
      moments++;
      if (moments === 4) controller.abort('enough');
    };
    const stopped = explainer.predictChanges(image, windows, { ...options, signal: controller.signal });
    await expect(stopped).rejects.toBe('enough');
    expect(moments).toBeLessThan(windows.corners.length / 2);
    expect(tf.memory().numTensors).toBe(tensors);
    explainer.dispose();
  });

  it('keeps what others make on the backend meanwhile, and leaves it to them', async () => {
    const graph = smallNetOfPixels();
    const explainer = createExplainer(graph);
    const image = imagesFor(graph);
    const expected = await explainer.explain(image);
    const others: tf.Tensor[] = [];
    onAskedTime = () => void setTimeout(() => others.push(tf.ones([2])), 0);
    expect(await explainer.explain(image, { signal: new AbortController().signal })).toEqual(expected);
    expect(others.length).toBeGreaterThan(graph.layers.length);
    expect(others.every((tensor) => !tensor.isDisposed)).toBe(true);
    tf.dispose(others);
    explainer.dispose();
  });
});

function stopped(
  explainer: Explainer,
  image: Float32Array,
  options: AsyncExplainOptions,
  stopAt: number,
): Promise<unknown> {
  const controller = new AbortController();
  let moment = 0;
  onAskedTime = () => {
    moment++;
    if (moment === stopAt) controller.abort(`at ${stopAt}`);
  };
  const onProgress = (): never => expect.unreachable('the sweep went on to its end');
  return explainer.explain(image, { ...options, signal: controller.signal, onProgress });
}
