import { GraphError } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import {
  add,
  enableProdMode,
  engine,
  getBackend,
  memory,
  ones,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { active } from '../src/active.ts';
import { cpu } from '../src/cpu.ts';
import { BackendError, ClearmapsError, createClearmaps, firstOf } from '../src/index.ts';
import { tfjsBackend } from '../src/tfjs-backend.ts';
import { wasm } from '../src/wasm.ts';

beforeAll(enableProdMode);

const model = mnistNet({ seed: 4 });
const pixels = Float32Array.from({ length: 784 }, (_, i) => (i % 28) / 27);
const absent = (name: string, reason: string) =>
  tfjsBackend({
    name,
    prepare() {
      throw new Error(reason);
    },
  });

describe('a list of backends', () => {
  test('is tried in order', async () => {
    for (const [backends, name] of [
      [[wasm(), cpu()], 'wasm'],
      [[cpu(), wasm()], 'cpu'],
    ] as const) {
      const cm = await createClearmaps({ model, backends });
      expect(cm.backend).toMatchObject({ name, skipped: [] });
      await cm.dispose();
    }
  });

  test('says why some were passed over', async () => {
    const backends = [
      absent('webgpu', 'requestAdapter() returned null'),
      tfjsBackend({ name: 'nowhere' }),
      cpu(),
    ];
    const cm = await createClearmaps({ model, backends });
    expect(cm.backend.name).toBe('cpu');
    expect(cm.backend.skipped[0]).toEqual({ name: 'webgpu', reason: 'requestAdapter() returned null' });
    expect(cm.backend.skipped[1]?.reason).toMatch(/not registered/);
    await cm.dispose();
  });

  test('passes over a backend that lacks a kernel, naming it', async () => {
    const { backend } = engine();
    registerBackend('lean', () => backend);
    const cm = await createClearmaps({ model, backends: [tfjsBackend({ name: 'lean' }), cpu()] });
    expect(cm.backend.name).toBe('cpu');
    expect(cm.backend.skipped[0]?.reason).toMatch(/layer "conv_1" .*backend "lean" without FusedConv2D/);
    await cm.dispose();
    delete engine().registry.lean;
    removeBackend('lean');
  });

  test('throws with every reason when none serves', async () => {
    const failure = createClearmaps({ model, backends: [absent('a', 'too old'), absent('b', 'no')] });
    await expect(failure).rejects.toThrow(BackendError);
    await expect(failure).rejects.toThrow('a backend out of a, b: got a: too old; b: no. Install');
    await expect(createClearmaps({ model, backends: [] })).rejects.toThrow(/empty list/);
  });

  test('is not tried for a model that no backend could run', async () => {
    const broken = { ...model, layers: model.layers.slice(1) };
    await expect(createClearmaps({ model: broken, backends: [cpu()] })).rejects.toThrow(GraphError);
  });

  test.each([
    ['a name', { model: 'mnist', backends: [cpu()] }, /model: got "mnist"; allowed: a LayerGraph/],
    ['no model', { backends: [cpu()] }, /model: got undefined; .* await readBundledModel/],
    [
      'a model that nobody awaited',
      { model: Promise.resolve(model), backends: [cpu()] },
      /model: got a Promise/,
    ],
    ['no list', { model }, /backends: got undefined; .* Call each/],
    [
      'a factory that nobody called',
      { model, backends: [cpu, wasm()] },
      /backends: got the function cpu, wasm/,
    ],
    ['nothing at all', undefined, /model: got undefined/],
  ])('refuses %s, and says what to write', async (_, options, message) => {
    const failure = createClearmaps(options as unknown as Parameters<typeof createClearmaps>[0]);
    await expect(failure).rejects.toThrow(ClearmapsError);
    await expect(failure).rejects.toThrow(message);
  });

  test('says what to do about one that does not start', async () => {
    registerBackend('broken', () => {
      throw new Error('no binary');
    });
    const failure = firstOf([tfjsBackend({ name: 'broken', hint: 'serve its binary' })], (backend) =>
      backend.start(),
    );
    await expect(failure).rejects.toThrow('broken: it could not be initialised; serve its binary');
    removeBackend('broken');
    await setBackend('cpu');
  });
});

describe('a page that uses TensorFlow.js itself', () => {
  afterEach(() => setBackend('wasm'));

  test('keeps the backend that it has chosen, and is told of the other', async () => {
    await setBackend('cpu');
    const ofThePage = ones([3]);
    const cm = await createClearmaps({ model, backends: [wasm()] });
    expect(getBackend()).toBe('cpu');
    expect(cm.backend).toEqual({ name: 'wasm', skipped: [], beside: 'cpu' });
    await cm.explain(pixels);
    expect(getBackend()).toBe('cpu');
    expect(add(ofThePage, 1).dataSync()[0]).toBe(2);
    await cm.dispose();
  });

  test('can share its backend', async () => {
    await setBackend('cpu');
    const cm = await createClearmaps({ model, backends: [active(), wasm()] });
    expect(cm.backend).toEqual({ name: 'cpu', skipped: [] });
    await cm.dispose();
  });

  test('runs two backends side by side with the same answers', async () => {
    const [a, b] = [
      await createClearmaps({ model, backends: [wasm()] }),
      await createClearmaps({ model, backends: [cpu()] }),
    ];
    const [onWasm, onCpu] = await Promise.all([a.explain(pixels), b.explain(pixels)]);
    expect(onWasm.dominantResponse).toHaveLength(784);
    const scale = Math.max(...onCpu.maps.map(Math.abs));
    for (const [i, value] of onCpu.maps.entries()) {
      expect(Math.abs(onWasm.maps[i]! - value)).toBeLessThanOrEqual(1e-5 * scale);
    }
    await Promise.all([a.dispose(), b.dispose()]);
  });
});

test('active() refuses where nothing has started', async () => {
  const name = getBackend();
  const { registry } = engine();
  const held = registry[name]!;
  delete registry[name];
  const failure = firstOf([active()], (backend) => backend.open(model));
  registry[name] = held;
  await expect(failure).rejects.toThrow('TensorFlow.js has no backend that has started');
});

test('createClearmaps explains and predicts, and leaves no tensor behind', async () => {
  await setBackend('wasm');
  const before = memory().numTensors;
  const cm = await createClearmaps({ model, backends: [wasm()] });
  const { shape, maps, dominantClass, probabilities } = await cm.explain(pixels, { classes: [2, 0] });
  const prediction = await cm.predict(pixels);
  expect(cm.classCount).toBe(10);
  expect(shape).toEqual([1, 28, 28, 1]);
  expect(maps).toHaveLength(2 * 784);
  expect(new Set(dominantClass)).toEqual(new Set([0, 2].filter((c) => dominantClass.includes(c))));
  expect(prediction.probabilities).toEqual(probabilities);
  expect(await cm.featureMap(pixels)).toHaveLength(14 * 14 * 10);
  await cm.dispose();
  expect(memory().numTensors).toBe(before);
  await expect(cm.explain(pixels)).rejects.toThrow('a call after dispose()');
});
