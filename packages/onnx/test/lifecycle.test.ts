import { expect, it } from 'vitest';
import { graph, image, inTurns, interruptionCases } from '../../deconvnet/test/interruption-cases.ts';
import { createNativeExplainer, type NativeExplainer } from '../src/index.ts';

interruptionCases<NativeExplainer>(async (run) => {
  const explainer = await createNativeExplainer(graph);
  // Its memory is onnxruntime's own: no count to hold it to.
  await run(explainer, () => {});
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
