import { mnistNet } from '@clearmaps/models';
import { tensor3d } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { createClearmaps } from '../src/index.ts';
import { native } from '../src/node.ts';
import { wasm } from '../src/wasm.ts';

test('native code answers as wasm does, from arrays and from tensors', async () => {
  const model = mnistNet({ seed: 4 });
  const here = await createClearmaps({ model, backends: [wasm()] });
  const there = await createClearmaps({ model, backends: [native({ threads: 2 }), wasm()] });
  expect(there.backend).toEqual({ name: 'native', skipped: [] });
  expect(there.classCount).toBe(10);
  const pixels = Float32Array.from({ length: 784 }, (_, i) => (i % 28) / 27);
  const onWasm = await here.explain(pixels, { rule: 'guided', classes: [3, 1] });
  const answers = await there.explain(pixels, { rule: 'guided', classes: [3, 1] });
  const scale = Math.max(...onWasm.maps.map(Math.abs));
  expect(scale).toBeGreaterThan(0);
  for (const [i, value] of onWasm.maps.entries()) {
    expect(Math.abs(answers.maps[i]! - value)).toBeLessThanOrEqual(1e-5 * scale);
  }
  const tensor = tensor3d(pixels, [28, 28, 1]);
  expect(await there.explain(tensor, { rule: 'guided', classes: [3, 1] })).toEqual(answers);
  tensor.dispose();
  await Promise.all([here.dispose(), there.dispose()]);
});
