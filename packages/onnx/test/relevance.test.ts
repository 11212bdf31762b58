import { type Composite, INPUT, type Rule } from '@clearmaps/deconvnet/graph';
import { expect, it } from 'vitest';
import { expectClose } from '../../deconvnet/test/compare.ts';
import { answerOf, randomCase } from '../../deconvnet/test/random-case.ts';
import { imagesFor, smallNet } from '../../deconvnet/test/small-nets.ts';
import { compileOnnx, createNativeExplainer } from '../src/index.ts';
import { runModel } from './run-model.ts';

const composite: Composite = [
  { position: 'first', rule: { type: 'zBox', low: -6, high: 7 } },
  { type: 'conv2d', rule: { type: 'gamma', gamma: 1 } },
  { rule: { type: 'alphaBeta', alpha: 1.5, beta: 0.5 } },
];

it('a rule for each layer has the answers of the oracle, from the engine and from a file', async () => {
  for (let seed = 100; seed < 120; seed++) {
    const one = randomCase(seed);
    const batch = Float32Array.from(one.images.flatMap((image) => [...image]));
    const { values, tolerance } = answerOf(one, composite, 'activation');
    const options = { rule: composite, seed: 'activation', responses: true } as const;
    const explainer = await createNativeExplainer(one.graph, { threads: 1 });
    const { responses } = await explainer.explain(batch, options);
    expectClose(responses!, values, one.graph.name, tolerance);
    await explainer.dispose();
    const { bytes } = compileOnnx(one.graph, options);
    const exported = await runModel(bytes, batch, one.graph.inputShape);
    expectClose(exported.responses!.data as Float32Array, values, `${one.graph.name}, exported`, tolerance);
  }
});

it('refuses a composite that leaves out a layer, to explain and to compile', async () => {
  const rule: Composite = [{ name: 'conv_1', rule: { type: 'zPlus' } }];
  const message = 'composite: layer "conv_2" (conv2d): got no rule that fits it.';
  const explainer = await createNativeExplainer(smallNet());
  await expect(explainer.explain(imagesFor(smallNet()), { rule })).rejects.toThrow(message);
  await explainer.dispose();
  expect(() => compileOnnx(smallNet(), { rule })).toThrow(message);
});

it.each(['linear', 'deconvnet', 'guided', 'gradient-x-input', 'lrp-zplus'] as const)(
  'responses at every layer of the way back are those of the oracle: %s',
  async (rule: Rule) => {
    const cases = Array.from({ length: 24 }, (_, seed) => randomCase(seed, 1)).filter(
      ({ graph, pool }) => pool === undefined && graph.layers.every(({ type }) => type !== 'affine'),
    );
    for (const { graph, oracle, traces, images, featureMap } of cases) {
      const explainer = await createNativeExplainer(graph, { threads: 1 });
      const last = graph.layers.findIndex(({ name }) => name === featureMap);
      for (const at of [INPUT, ...graph.layers.slice(0, last + 1).map(({ name }) => name)]) {
        const expected = oracle.respond(traces[0]!, rule, 'positive', 1, at);
        const options = { rule, seed: 'positive', classes: [1], responses: true, at } as const;
        const { responses, maps, shape } = await explainer.explain(images[0]!, options);
        expectClose(responses!, expected, `${graph.name} at ${at}`, 1e-4);
        expect(maps).toHaveLength(shape[1] * shape[2]);
      }
      await explainer.dispose();
    }
  },
);
