import { expect, it } from 'vitest';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { createNativeExplainer } from '../src/index.ts';

const graph = smallNet({ classes: 5 });
const image = imagesFor(graph);
/** Every class in a sweep of its own. */
const inTurns = { memoryBudget: 1, rule: 'guided', responses: true } as const;

it('tells after each sweep how many classes are done', async () => {
  const explainer = await createNativeExplainer(graph);
  const calls: [number, number][] = [];
  const onProgress = (done: number, total: number): void => void calls.push([done, total]);
  await explainer.explain(image, { ...inTurns, onProgress });
  await explainer.explain(image, { ...inTurns, classes: [4, 2], onProgress });
  await explainer.explain(image, { onProgress });
  expect(calls).toEqual([
    [1, 5],
    [2, 5],
    [3, 5],
    [4, 5],
    [5, 5],
    [1, 2],
    [2, 2],
    [5, 5],
  ]);
  await explainer.dispose();
});

it('rejects with the reason of a signal that is already aborted, before it computes anything', async () => {
  const explainer = await createNativeExplainer(graph);
  const reason = new Error('left the page');
  let swept = 0;
  const call = explainer.explain(image, {
    ...inTurns,
    signal: AbortSignal.abort(reason),
    onProgress: () => {
      swept++;
    },
  });
  await expect(call).rejects.toBe(reason);
  expect(swept).toBe(0);
  await explainer.dispose();
});

it('stops between sweeps, and works on', async () => {
  const explainer = await createNativeExplainer(graph);
  const expected = await explainer.explain(image, inTurns);
  for (const stopAfter of [1, 3, 5]) {
    const controller = new AbortController();
    let swept = 0;
    const call = explainer.explain(image, {
      ...inTurns,
      signal: controller.signal,
      onProgress: (done) => {
        swept = done;
        if (done === stopAfter) controller.abort(`after ${done}`);
      },
    });
    await expect(call).rejects.toBe(`after ${stopAfter}`);
    expect(swept).toBe(stopAfter);
  }
  expect(await explainer.explain(image, inTurns)).toEqual(expected);
  await explainer.dispose();
});

it('hears an abort that comes from a timer', async () => {
  const explainer = await createNativeExplainer(graph);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 0);
  const call = explainer.explain(image, { ...inTurns, signal: controller.signal });
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  await explainer.dispose();
});

it('hands on an error of the progress callback', async () => {
  const explainer = await createNativeExplainer(graph);
  const call = explainer.explain(image, {
    ...inTurns,
    onProgress: () => {
      throw new Error('a bug of the caller');
    },
  });
  await expect(call).rejects.toThrow('a bug of the caller');
  await explainer.dispose();
});

it('runs two explanations at a time without mixing them up', async () => {
  const explainer = await createNativeExplainer(graph);
  const second = imagesFor(graph, 1, 99);
  const [a, b] = await Promise.all([explainer.explain(image, inTurns), explainer.explain(second, inTurns)]);
  expect(a).toEqual(await explainer.explain(image, inTurns));
  expect(b).toEqual(await explainer.explain(second, inTurns));
  await explainer.dispose();
});

it('answers the same from one thread', async () => {
  const [one, all] = await Promise.all([
    createNativeExplainer(graph, { threads: 1 }),
    createNativeExplainer(graph),
  ]);
  expect(await one.explain(image, { rule: 'linear' })).toEqual(await all.explain(image, { rule: 'linear' }));
  await Promise.all([one.dispose(), all.dispose()]);
});

it('refuses every call after dispose(), and a second dispose() does nothing', async () => {
  const explainer = await createNativeExplainer(graph);
  await explainer.explain(image);
  await explainer.dispose();
  await explainer.dispose();
  const message = 'explainer of "small": got a call after dispose().';
  await expect(explainer.explain(image)).rejects.toThrow(message);
  await expect(explainer.predict(image)).rejects.toThrow(message);
  await expect(explainer.featureMap(image)).rejects.toThrow(message);
});

it('stops where the explainer is disposed of half-way, and dispose() waits for it', async () => {
  const explainer = await createNativeExplainer(graph);
  let disposed: Promise<void> | undefined;
  const call = explainer.explain(image, {
    ...inTurns,
    onProgress: () => {
      disposed ??= explainer.dispose();
    },
  });
  await expect(call).rejects.toThrow('a call after dispose()');
  await disposed;
});

it('takes the image as it is when it is called, whatever becomes of the array', async () => {
  const explainer = await createNativeExplainer(graph);
  const expected = await explainer.explain(image, inTurns);
  const { logits } = await explainer.predict(image);
  const array = image.slice();
  const calls = [explainer.explain(array, inTurns), explainer.predict(array)] as const;
  array.fill(0);
  expect(await calls[0]).toEqual(expected);
  expect((await calls[1]).logits).toEqual(logits);
  await explainer.dispose();
});
