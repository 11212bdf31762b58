import { expect, it } from 'vitest';
import { type Composite, createExplainer, INPUT, type LayerGraph, type Rule } from '../src/index.ts';
import { fewerOnWebGpu, onEachBackend } from './backends.ts';
import { expectClose, largest } from './compare.ts';
import { answerOf, randomCase } from './random-case.ts';
import { imagesFor, smallNet, smallNetOfPixels } from './small-nets.ts';

/** Rules of every kind, chosen by name, position and type; bounds given. */
const composites: Readonly<Record<string, Composite>> = {
  'alpha 1.5 and beta 0.5 everywhere': [{ rule: { type: 'alphaBeta', alpha: 1.5, beta: 0.5 } }],
  'large epsilon': [{ rule: { type: 'epsilon', epsilon: 0.5 } }],
  'a box of two numbers in every layer': [{ rule: { type: 'zBox', low: -6, high: 7 } }],
  'gamma in convolutions, z+ in dense layers, flat at the image': [
    { position: 'first', rule: { type: 'flat' } },
    { type: 'conv2d', rule: { type: 'gamma', gamma: 1 } },
    { rule: { type: 'zPlus' } },
  ],
};

/** The seed at z_L and what arrives at the image, each summed for every class. */
async function sumsOf(graph: LayerGraph, rule: Rule | Composite): Promise<[Float64Array, Float64Array]> {
  const explainer = createExplainer(graph);
  const options = { rule, seed: 'positive', responses: true } as const;
  const totals = async (at: string): Promise<Float64Array> => {
    const { responses, classes } = await explainer.explain(imagesFor(graph), { ...options, at });
    const size = responses!.length / classes.length;
    return Float64Array.from(classes, (c) =>
      responses!.subarray(c * size, (c + 1) * size).reduce((sum, value) => sum + value, 0),
    );
  };
  const both = [await totals('scores'), await totals(INPUT)] as [Float64Array, Float64Array];
  explainer.dispose();
  return both;
}

/** The small net without biases: nothing else takes relevance. */
function unbiasedNet(): LayerGraph {
  const net = smallNetOfPixels();
  const layers = net.layers.map((layer) => (layer.type === 'conv2d' ? { ...layer, bias: undefined } : layer));
  return { ...net, layers };
}

onEachBackend((backend) => {
  const cases = Array.from({ length: 20 }, (_, seed) => randomCase(100 + seed));

  it.each(Object.entries(composites))(
    'the composite "%s" has the answers of the oracle',
    async (name, rule) => {
      for (const one of fewerOnWebGpu(backend, cases, 3)) {
        const explainer = createExplainer(one.graph);
        const batch = Float32Array.from(one.images.flatMap((image) => [...image]));
        const { responses } = await explainer.explain(batch, { rule, seed: 'activation', responses: true });
        const { values, tolerance } = answerOf(one, rule, 'activation');
        expectClose(responses!, values, `${one.graph.name}, ${name}`, tolerance);
        explainer.dispose();
      }
    },
  );

  it.each([
    'lrp-zplus',
    'deep-taylor',
    'lrp-gamma',
    'lrp-flat',
    'lrp-epsilon',
    'lrp-epsilon-plus-flat',
  ] as const)('%s conserves relevance in a net without biases', async (rule) => {
    const [seed, image] = await sumsOf(unbiasedNet(), rule);
    expect(largest(seed)).toBeGreaterThan(0);
    expectClose(image, seed, rule, 1e-4);
  });

  it('lrp-zplus and deep-taylor with positive seeds have no negative relevance', async () => {
    const explainer = createExplainer(smallNetOfPixels());
    for (const rule of ['lrp-zplus', 'deep-taylor'] as const) {
      const { maps } = await explainer.explain(imagesFor(smallNet()), { rule });
      expect(largest(maps)).toBeGreaterThan(0);
      expect(Math.min(...maps), rule).toBeGreaterThanOrEqual(-1e-6 * largest(maps));
    }
    explainer.dispose();
  });

  it('needs a box for the first layer where the graph does not say one', async () => {
    const graph = smallNet();
    const explainer = createExplainer(graph);
    const image = imagesFor(graph);
    await expect(explainer.explain(image, { rule: 'deep-taylor' })).rejects.toThrow(
      `the range of the pixels that graph "small" takes, for its first layer: got no preprocessing. Give the graph`,
    );
    const rule: Composite = [
      { position: 'first', rule: { type: 'zBox', low: -5, high: [5.2, 5.2, 5.2] } },
      { rule: { type: 'zPlus' } },
    ];
    const { maps } = await explainer.explain(image, { rule });
    const whole = createExplainer(smallNetOfPixels());
    expectClose(maps, (await whole.explain(image, { rule: 'deep-taylor' })).maps, 'maps', 1e-6);
    whole.dispose();
    explainer.dispose();
  });
});
