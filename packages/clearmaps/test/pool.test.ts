import { ExplainError, type SweptClasses } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clearmaps, createClearmaps } from '../src/index.ts';
import { pool } from '../src/pool.ts';
import { wasm } from '../src/wasm.ts';

const model = mnistNet({ seed: 4 });
const module = new URL('./pool-backends.ts', import.meta.url);
const image = (shift: number) => Float32Array.from({ length: 784 }, (_, i) => ((i + shift) % 28) / 27);

beforeAll(enableProdMode);

describe('a pool of threads', () => {
  let cm: Clearmaps;
  beforeAll(async () => {
    cm = await createClearmaps({ model, backends: [pool({ module, threads: 2 })] });
  });
  afterAll(() => cm.dispose());

  test('answers as one engine does, image by image', async () => {
    const one = await createClearmaps({ model, backends: [wasm()] });
    expect(cm.backend).toEqual({ name: 'wasm', skipped: [] });
    expect(cm.classCount).toBe(10);
    const images = [0, 1, 2, 3, 4].map(image);
    const spread = await Promise.all(images.map((pixels) => cm.explain(pixels, { classes: [1, 0] })));
    for (const [i, pixels] of images.entries()) {
      expect(spread[i]).toEqual(await one.explain(pixels, { classes: [1, 0] }));
    }
    expect(await cm.predict(images[2]!)).toEqual(await one.predict(images[2]!));
    expect(await cm.featureMap(images[2]!)).toEqual(await one.featureMap(images[2]!));
    const windows = { height: 1, width: 2, corners: Int32Array.of(3, 4), values: Float32Array.of(0.5, 1) };
    expect(await cm.predictChanges(images[2]!, windows)).toEqual(
      await one.predictChanges(images[2]!, windows),
    );
    expect([cm.callsAtOnce, one.callsAtOnce]).toEqual([4, 1]);
    await one.dispose();
  });

  test('tells of classes as they are done, and goes on where the caller fails', async () => {
    const options = { seed: 'unit', memoryBudget: 1 } as const;
    const expected = await cm.explain(image(0), { ...options, responses: true });
    const parts: SweptClasses[] = [];
    const onClasses = async (part: SweptClasses): Promise<void> => void parts.push(part);
    const { maps } = await cm.explain(image(0), { ...options, maps: false, responses: true, onClasses });
    expect(maps).toHaveLength(0);
    expect(parts.map(({ classes }) => classes)).toEqual(expected.classes.map((c) => [c]));
    expect(parts.flatMap((part) => [...part.maps])).toEqual([...expected.maps]);
    expect(parts.flatMap((part) => [...part.responses!])).toEqual([...expected.responses!]);
    const failing = (): Promise<void> => Promise.reject(new Error('disk full'));
    await expect(cm.explain(image(0), { ...options, onClasses: failing })).rejects.toThrow('disk full');
    expect((await cm.explain(image(0))).maps).toHaveLength(7840);
  });

  test('tells progress as one engine does, the last of it before the answer, and stops where the caller throws', async () => {
    const steps: number[][] = [];
    const options = { seed: 'unit', memoryBudget: 1, classes: [3, 1, 7] } as const;
    await cm.explain(image(0), { ...options, onProgress: (...step) => void steps.push(step) });
    expect(steps).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    steps.length = 0;
    const failure = cm.explain(image(0), {
      ...options,
      onProgress: (...step) => {
        steps.push(step);
        throw new RangeError('not drawn');
      },
    });
    await expect(failure).rejects.toThrow('not drawn');
    expect(steps.length).toBeLessThan(3);
  });

  test('throws our own errors, and goes on', async () => {
    const failure = cm.explain(image(0), { classes: [11] });
    await expect(failure).rejects.toThrow(ExplainError);
    await expect(failure).rejects.toThrow(/0 to 9/);
    expect((await cm.explain(image(0))).maps).toHaveLength(7840);
  });

  test('stops when aborted, and goes on with the next', async () => {
    const abort = new AbortController();
    const calls = Array.from({ length: 10 }, (_, i) => cm.explain(image(i), { signal: abort.signal }));
    await calls[0];
    abort.abort(new Error('enough'));
    const outcomes = await Promise.allSettled(calls);
    const stopped = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(stopped.length).toBeGreaterThan(4);
    for (const { reason } of stopped) expect(reason.message).toBe('enough');
    expect((await cm.explain(image(0))).maps).toHaveLength(7840);
  });

  test('stops at once where changes of an image are scored, and goes on with the next', async () => {
    const count = 4000;
    const windows = {
      ...{ height: 2, width: 2, values: new Float32Array(4 * count).map((_, i) => 1 + (i % 97)) },
      corners: new Int32Array(2 * count).map((_, i) => i % 26),
    };
    const abort = new AbortController();
    // In whole images these take many seconds.
    const options = { batch: count, mostShare: 0, signal: abort.signal };
    const call = cm.predictChanges(image(0), windows, options);
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(call).rejects.toThrow('enough');
    const few = { ...windows, corners: windows.corners.slice(0, 4), values: windows.values.slice(0, 8) };
    expect((await cm.predictChanges(image(0), few)).logits).toHaveLength(20);
  });
});

test('a pool whose threads have no backend is passed over with the reason', async () => {
  const cm = await createClearmaps({
    model,
    backends: [pool({ module, argument: 'none', threads: 1 }), wasm()],
  });
  expect(cm.backend.name).toBe('wasm');
  expect(cm.backend.skipped[0]?.name).toBe('pool');
  expect(cm.backend.skipped[0]?.reason).toMatch(/empty list/);
  await cm.dispose();
});

test('a pool whose module is missing says so', async () => {
  const missing = pool({ module: new URL('./nowhere.ts', import.meta.url), threads: 1 });
  await expect(createClearmaps({ model, backends: [missing] })).rejects.toThrow(/pool: .*nowhere/);
});
