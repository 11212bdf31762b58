import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { createNativeExplainer } from '@clearmaps/onnx';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { leaksNothing } from '../../deconvnet/test/backends.ts';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import {
  createMethod,
  FAMILIES,
  isAllowed,
  METHOD_NAMES,
  METHODS,
  type Method,
  type OpenEngine,
} from '../src/index.ts';
import { openTfjs, openTfjsScoring } from './tfjs-engine.ts';
import { withMethod } from './with-method.ts';

// Rules that bound the pixels read their range from the preprocessing.
const graph: LayerGraph = {
  ...smallNet({ channels: 3, classes: 4 }),
  preprocessing: { channels: 'rgb', scale: 1, mean: [128, 128, 128], std: [50, 50, 50], resize: 'stretch' },
};
const [height, width, channels] = graph.inputShape;
const image = imagesFor(graph);
const reference = imagesFor(graph, 6, 40);
const classes = [2, 0, 3];

const ENGINES: Readonly<Record<string, OpenEngine>> = {
  'TensorFlow.js': openTfjs,
  onnxruntime: (net) => createNativeExplainer(net, { threads: 1 }),
};

describe.each(METHOD_NAMES)('method %s', (name) => {
  beforeAll(() => tf.setBackend('cpu'));
  leaksNothing();
  const method = { method: name, graph, open: openTfjs, reference };

  it.each(Object.keys(ENGINES))('answers in the shape of an explanation on %s', async (engine) => {
    const answer = await withMethod({ ...method, open: ENGINES[engine]! }, (running) =>
      running.explain(imagesFor(graph, 2), { classes, responses: true }),
    );
    const pixels = height * width;
    expect(answer.shape).toEqual([2, height, width, channels]);
    expect(answer.classes).toEqual(classes);
    expect(answer.logits).toHaveLength(2 * 4);
    expect(answer.probabilities).toHaveLength(2 * 4);
    expect(answer.maps).toHaveLength(2 * 3 * pixels);
    expect(answer.responses).toHaveLength(2 * 3 * pixels * channels);
    for (const image of [0, 1]) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const responses = classes.map((_, row) => answer.maps[(image * 3 + row) * pixels + pixel]!);
        const most = Math.max(...responses);
        expect(answer.dominantResponse[image * pixels + pixel]).toBe(most);
        expect(answer.dominantClass[image * pixels + pixel]).toBe(classes[responses.indexOf(most)]);
      }
    }
    expect(answer.maps.every(Number.isFinite)).toBe(true);
    expect(answer.maps.some((value) => value !== 0)).toBe(true);
  });

  it('says where its signs and switches were decided in float64', async () => {
    const decided = (forward: 'float32' | 'float64') => {
      const open: OpenEngine = (net) => createNativeExplainer(net, { threads: 1, forward });
      return withMethod({ ...method, open }, async (running) => (await running.explain(image)).forward);
    };
    expect(await decided('float32')).toBeUndefined();
    // These ask for scores and maps alone, which decide nothing.
    const sweeps = !['cam', 'occlusion', 'pda'].includes(name);
    expect(await decided('float64')).toBe(sweeps ? 'float64' : undefined);
  });

  it('answers the same on both engines', async () => {
    const [here, native] = await Promise.all(
      Object.values(ENGINES).map((open) =>
        withMethod({ ...method, open }, (running) => running.explain(image, { classes })),
      ),
    );
    expectClose(here!.maps, native!.maps, name, 2e-5);
  });

  it('answers the same twice, and for an image of a batch what it answers for the image alone', () =>
    withMethod(method, async (running) => {
      const alone = await running.explain(image);
      expect(await running.explain(image)).toEqual(alone);
      const both = await running.explain(Float32Array.from([...imagesFor(graph, 1, 99), ...image]));
      expect(both.maps.subarray(both.maps.length / 2)).toEqual(alone.maps);
    }));

  it('answers for some classes what it answers for all', () =>
    withMethod(method, async (running) => {
      const all = await running.explain(image);
      const one = await running.explain(image, { classes: [2] });
      expect([...one.maps]).toEqual([...all.maps.subarray(2 * height * width, 3 * height * width)]);
    }));

  it('says whether it shares one image out to an engine with several threads', async () => {
    const expected = await withMethod(method, (running) => running.explain(image));
    let [running, most] = [0, 0];
    const twoAtOnce = openTfjsScoring(2, async (engine, ...asked) => {
      most = Math.max(most, ++running);
      // The other call comes in meanwhile, where there is one.
      await new Promise((next) => setImmediate(next));
      running--;
      return engine.predictChanges(...asked);
    });
    const shared = await withMethod({ ...method, open: twoAtOnce }, (asked) => asked.explain(image));
    expect(most).toBeLessThanOrEqual(2);
    expect(most === 2).toBe('callsSideBySide' in METHODS[name]);
    expectClose(shared.maps, expected.maps, name, 1e-6);
  });

  it('counts its progress up to the total', () =>
    withMethod(method, async (running) => {
      const calls: [number, number][] = [];
      await running.explain(imagesFor(graph, 2), { onProgress: (done, total) => calls.push([done, total]) });
      expect(calls.length).toBeGreaterThanOrEqual(2);
      const total = calls[0]![1];
      expect(calls.map(([done]) => done)).toEqual(
        [...new Set(calls.map(([done]) => done))].sort((a, b) => a - b),
      );
      expect(calls.every((call) => call[1] === total)).toBe(true);
      expect(calls.at(-1)).toEqual([total, total]);
    }));

  it('stops where it is aborted, leaves nothing behind, and works on', () =>
    withMethod(method, async (running) => {
      const expected = await running.explain(image);
      const tensors = tf.memory().numTensors;
      const controller = new AbortController();
      const call = running.explain(image, {
        signal: controller.signal,
        onProgress: () => controller.abort('enough'),
      });
      await expect(call).rejects.toBe('enough');
      await expect(running.explain(image, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
      expect(tf.memory().numTensors).toBe(tensors);
      expect(await running.explain(image)).toEqual(expected);
    }));

  it('refuses an option that it does not have, and leaves nothing open', async () => {
    await expect(
      withMethod({ ...method, options: { colour: 1 } }, async () => undefined),
    ).rejects.toMatchObject({
      name: 'MethodError',
      message: expect.stringContaining(`method ${name}: got an option "colour"`),
    });
  });

  it('refuses input as an engine does', () =>
    withMethod(method, async (running) => {
      await expect(running.explain(new Float32Array(5))).rejects.toMatchObject({ name: 'ExplainError' });
      for (const wrong of [{ classes: [9] }, { clases: [1] }])
        await expect(running.explain(image, wrong)).rejects.toMatchObject({ name: 'ExplainError' });
    }));

  it('says what it goes by, what it promises, what it costs, where it fails, and what each option is', () => {
    const { family, paper, promises, cost, fails, options }: Method = METHODS[name];
    expect(FAMILIES).toContain(family);
    for (const text of [paper, promises, cost, fails]) expect(text).toMatch(/\S{2}/);
    for (const option of Object.values(options)) {
      const { help, value, unlessTold } = option;
      expect(help).toMatch(/\S{2}/);
      expect(value ?? unlessTold).toBeDefined();
      if (value !== undefined) expect(isAllowed(option, value)).toBe(true);
      expect(isAllowed(option, Number.NaN)).toBe(false);
    }
  });
});

it('a method that does not exist is named with those that do, and so is what a request does not take', async () => {
  await tf.setBackend('cpu');
  const engine = openTfjs(graph);
  const call = createMethod({ method: 'magic' as 'cam', graph, engine, open: openTfjs });
  await expect(call).rejects.toThrow('a method: got "magic"; allowed: linear, deconvnet');
  const request = { method: 'cam', graph, engine, open: openTfjs, option: {} } as const;
  await expect(createMethod(request)).rejects.toThrow('an option "option"; allowed: method, graph, engine, ');
  const occlusion = { method: 'occlusion', graph, engine, open: openTfjs } as const;
  await expect(createMethod({ ...occlusion, options: { window: Number.NaN } })).rejects.toThrow(
    'window: got NaN; allowed: whole numbers from 1',
  );
  await engine.dispose();
});
