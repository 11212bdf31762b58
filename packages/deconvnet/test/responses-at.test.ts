import { expect, it } from 'vitest';
import { createExplainer, INPUT, type Rule } from '../src/index.ts';
import { fewerOnWebGpu, onEachBackend } from './backends.ts';
import { expectClose } from './compare.ts';
import { randomCase } from './random-case.ts';
import { imagesFor, smallNet } from './small-nets.ts';

const rules: readonly Rule[] = ['linear', 'deconvnet', 'guided', 'gradient-x-input', 'lrp-zplus'];
/** The oracle stands at the layers of the graph as it is written: none folded, none behind a pooling. */
const cases = Array.from({ length: 16 }, (_, seed) => randomCase(seed, 1)).filter(
  ({ graph, pool }) => pool === undefined && graph.layers.every(({ type }) => type !== 'affine'),
);

onEachBackend((backend) => {
  it.each(rules)('responses at every layer of the way back are those of the oracle: %s', async (rule) => {
    for (const { graph, oracle, traces, images, featureMap } of fewerOnWebGpu(backend, cases, 2)) {
      const explainer = createExplainer(graph);
      const last = graph.layers.findIndex(({ name }) => name === featureMap);
      for (const { name } of graph.layers.slice(0, last + 1)) {
        const expected = oracle.respond(traces[0]!, rule, 'positive', 1, name);
        const options = { rule, seed: 'positive', classes: [1], responses: true, at: name } as const;
        const { responses, maps, shape } = await explainer.explain(images[0]!, options);
        expectClose(responses!, expected, `${graph.name} at ${name}`, 1e-4);
        expect(shape[0] * shape[1] * shape[2] * shape[3]).toBe(responses!.length);
        expect(maps).toHaveLength(shape[1] * shape[2]);
      }
      explainer.dispose();
    }
  });

  it('responses at the input are what explain gives', async () => {
    const explainer = createExplainer(smallNet());
    const image = imagesFor(smallNet());
    expect(await explainer.explain(image, { at: INPUT })).toEqual(await explainer.explain(image));
    explainer.dispose();
  });

  it('responses at the feature map are the seeds', async () => {
    const explainer = createExplainer(smallNet());
    const image = imagesFor(smallNet());
    const map = await explainer.featureMap(image);
    const { responses, shape } = await explainer.explain(image, {
      at: 'scores',
      seed: 'activation',
      classes: [2],
      responses: true,
    });
    expect(shape).toEqual([1, 4, 4, 4]);
    expectClose(
      responses!,
      map.map((value, i) => (i % 4 === 2 ? value : 0)),
      'seeds',
      0,
    );
    explainer.dispose();
  });
});
