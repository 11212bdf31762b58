import { expect, it } from 'vitest';
import { oneConvNet } from '../../deconvnet/test/one-conv-net.ts';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { runModel } from './run-model.ts';

const image = Float32Array.from({ length: 16 }, (_, i) => i);
const answers = {
  deconvnet: [2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1],
  guided: [0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1],
};

it.each(Object.entries(answers))('has the answer of pencil and paper under %s', async (name, map) => {
  const [rule, seed] = [name as 'guided', 'unit'] as const;
  const explainer = await createNativeExplainer(oneConvNet());
  const found = await explainer.explain(image, { rule, seed, responses: true });
  await explainer.dispose();
  expect(Array.from(found.logits)).toEqual([54, 54, 54, 54]);
  expect(Array.from(found.responses!)).toEqual([...map, ...map, ...map, ...map]);
  expect(Array.from(found.dominantClass)).toEqual(new Array(16).fill(0));
  expect(Array.from(found.dominantResponse)).toEqual(map);

  const { bytes } = compileOnnx(oneConvNet(), { rule, seed, responses: true });
  const exported = await runModel(bytes, image, [4, 4, 1]);
  expect(Array.from(exported.responses!.data as Float32Array)).toEqual([...map, ...map, ...map, ...map]);
  expect(Array.from(exported.dominant_class!.data as BigInt64Array, Number)).toEqual(new Array(16).fill(0));
});
