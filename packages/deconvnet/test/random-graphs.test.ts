import { describe, expect, it } from 'vitest';
import {
  type Conv2dLayer,
  createExplainer,
  definitionOf,
  findFeatureMap,
  type LayerGraph,
  type Padding,
  RULES,
  type Rule,
  SEEDS,
  type Seed,
  validateGraph,
} from '../src/index.ts';
import { fewerOnWebGpu, onEachBackend } from './backends.ts';
import { expectClose } from './compare.ts';
import { answerOf, type RandomAnswer, type RandomCase, randomCase } from './random-case.ts';
import { takeValues } from './take-values.ts';

const COUNT = 80;
const cases = Array.from({ length: COUNT }, (_, seed) => randomCase(seed));
const rules = Object.keys(RULES) as Rule[];

const joined = (parts: readonly ArrayLike<number>[]): number[] => parts.flatMap((part) => Array.from(part));

/** The oracle's answers, kept for the next backend. */
const answers = new Map<string, RandomAnswer>();
function answer(one: RandomCase, rule: Rule, seed: Seed): RandomAnswer {
  const key = `${one.graph.name} ${rule} ${seed}`;
  const known = answers.get(key) ?? answerOf(one, rule, seed);
  answers.set(key, known);
  return known;
}

onEachBackend((backend) => {
  // The head goes round with the seed: every head comes up.
  describe.each(fewerOnWebGpu(backend, cases, 16))('$graph.name', (one) => {
    const { graph, oracle, images, traces } = one;
    const batch = Float32Array.from(joined(images));

    it('gives the scores and the feature map of the oracle', async () => {
      const explainer = createExplainer(graph);
      const { logits } = await explainer.predict(batch);
      const map = explainer.featureMapTensor(images[1]!);
      expect(map.shape).toEqual([1, ...oracle.featureMapSize]);
      expectClose(await takeValues(map), oracle.featureMapOf(traces[1]!), 'feature map');
      expectClose(logits, joined(traces.map((trace) => oracle.logits(trace))), 'logits');
      explainer.dispose();
    });

    it.each(rules)('gives the responses of the oracle under the rule %s', async (rule) => {
      const explainer = createExplainer(graph);
      // Relevance starts from a seed as every response does: one is enough.
      const inTurn = SEEDS[rules.indexOf(rule) % SEEDS.length]!;
      for (const seed of definitionOf(rule).composite || backend === 'webgpu' ? [inTurn] : SEEDS) {
        const { responses } = await explainer.explain(batch, { rule, seed, responses: true });
        const { values, tolerance } = answer(one, rule, seed);
        expectClose(responses!, values, `${rule}/${seed}`, tolerance);
      }
      explainer.dispose();
    });
  });
});

describe('the random graphs', () => {
  const layers = cases.flatMap(({ graph }) => graph.layers.map((layer) => ({ layer, graph })));
  const convs = layers.flatMap(({ layer }) => (layer.type === 'conv2d' ? [layer] : []));
  const pools = layers.flatMap(({ layer }) =>
    layer.type === 'maxPool2d' || layer.type === 'averagePool2d' ? [layer] : [],
  );
  const type = (graph: LayerGraph, name: string) => graph.layers.find((layer) => layer.name === name)?.type;
  const covered: Record<string, boolean> = {};
  for (const type of ['maxPool2d', 'averagePool2d'] as const) {
    const some = pools.filter((pool) => pool.type === type);
    covered[`overlapping ${type}`] = some.some((p) => p.poolSize[0] > p.strides[0]);
    covered[`${type} with gaps`] = some.some((p) => p.poolSize[0] < p.strides[0]);
    covered[`overlapping 'same' ${type}`] = some.some(
      (p) => p.padding === 'same' && p.poolSize[1] > p.strides[1],
    );
    covered[`${type} that overlaps along one axis and has gaps along the other`] = some.some(
      (p) => (p.poolSize[0] - p.strides[0]) * (p.poolSize[1] - p.strides[1]) < 0,
    );
    covered[`${type} of one pixel, strided`] = some.some(
      (p) => String(p.poolSize) === '1,1' && String(p.strides) !== '1,1',
    );
    covered[`${type} of stride one`] = some.some((p) => String(p.strides) === '1,1' && p.poolSize[0] > 1);
  }
  for (let k = 1; k <= 5; k++) covered[`kernels of ${k}`] = convs.some((c) => c.kernel.shape.includes(k, 0));
  for (const padding of ['same', 'valid']) {
    const some = convs.filter((c) => c.padding === padding);
    covered[`${padding} strides that differ`] = some.some((c) => c.strides[0] !== c.strides[1]);
    covered[`${padding} strides of three`] = some.some((c) => c.strides.includes(3));
    covered[`${padding} dilation without stride`] = some.some(
      (c) => c.dilations && String(c.strides) === '1,1' && c.kernel.shape[0]! * c.kernel.shape[1]! > 1,
    );
    covered[`${padding} dilation with stride`] = some.some(
      (c) =>
        (c.dilations?.[0] ?? 1) > 1 && c.strides[0] > 1 && c.kernel.shape[0]! > 1 && c.kernel.shape[1]! > 1,
    );
    covered[`${padding} dilation along one axis, stride along the other`] = some.some(
      (c) =>
        c.dilations && c.dilations[0] > 1 !== c.strides[0] > 1 && c.dilations[1] > 1 !== c.strides[1] > 1,
    );
    covered[`${padding} kernels of even size`] = some.some((c) => c.kernel.shape[0]! % 2 === 0);
  }
  const isBorder = (c: { padding: Padding }, test: (before: number, after: number, axis: 0 | 1) => boolean) =>
    typeof c.padding !== 'string' && c.padding.some(([a, b], axis) => test(a, b, axis as 0 | 1));
  const channelsIn = (c: Conv2dLayer): number => c.kernel.shape[2]! * (c.groups ?? 1);
  const depthwise = convs.filter((c) => (c.groups ?? 1) > 1 && c.groups === channelsIn(c));
  const grouped = convs.filter((c) => (c.groups ?? 1) > 1 && c.groups !== channelsIn(c));
  for (const [kind, some] of Object.entries({ depthwise, grouped })) {
    covered[`${kind} convolutions, strided`] = some.some((c) => c.strides[0] > 1 && c.kernel.shape[0]! > 1);
    covered[`${kind} convolutions, dilated`] = some.some(
      (c) => (c.dilations?.[0] ?? 1) > 1 && c.kernel.shape[0]! > 1 && c.strides[0] === 1,
    );
    covered[`${kind} convolutions, strided and dilated`] = some.some(
      (c) => (c.dilations?.[0] ?? 1) > 1 && c.kernel.shape[0]! > 1 && c.strides[0] > 1,
    );
    covered[`${kind} convolutions with a border that differs`] = some.some((c) =>
      isBorder(c, (a, b) => a !== b),
    );
  }
  covered['depthwise convolutions of two channels each'] = depthwise.some(
    (c) => c.kernel.shape[3] === 2 * c.groups! && c.strides[0] > 1,
  );
  covered['groups of several channels in, and out'] = grouped.some((c) => c.kernel.shape[3]! > c.groups!);
  covered['a border that differs, with strides'] = convs.some(
    (c) => c.strides[0] > 1 && isBorder(c, (a, b) => a !== b),
  );
  covered['a border wider than the kernel'] = convs.some((c) =>
    isBorder(c, (a, b, axis) => Math.max(a, b) >= c.kernel.shape[axis]! * (c.dilations?.[axis] ?? 1)),
  );
  for (const kind of ['maxPool2d', 'averagePool2d']) {
    covered[`${kind} with a border that differs`] = pools.some(
      (p) => p.type === kind && isBorder(p, (a, b) => a !== b),
    );
  }
  covered['zero padding before a max pool'] = layers.some(
    ({ layer, graph }) => layer.type === 'maxPool2d' && type(graph, layer.inputs[0]!) === 'zeroPadding2d',
  );
  covered['ReLU6 that cuts off'] = cases.some(({ graph, traces }) =>
    graph.layers.some(({ type, name }) => type === 'relu6' && traces[0]!.values.get(name)!.includes(6)),
  );
  for (const kind of ['relu', 'relu6', 'leakyRelu', 'affine'] as const) {
    covered[`${kind} between dense layers behind a pooling`] = cases.some(({ graph, pool, featureMap }) => {
      const names = graph.layers.map(({ name }) => name);
      const head = graph.layers.slice(names.indexOf(pool ?? featureMap), names.indexOf(featureMap));
      return head.some(
        (layer) => layer.type === kind && type(graph, layer.inputs[0]!) !== 'globalAveragePool2d',
      );
    });
    covered[`${kind} of an image or a sum`] = layers.some(
      ({ layer, graph }) =>
        layer.type === kind && ['add', 'concat', undefined].includes(type(graph, layer.inputs[0]!)),
    );
  }
  covered['affine without shift'] = layers.some(({ layer }) => layer.type === 'affine' && !layer.shift);
  covered['no bias'] = convs.some((c) => !c.bias);
  covered['add of three uses'] = layers.some(
    ({ layer, graph }) =>
      layer.type === 'add' && graph.layers.filter((l) => l.inputs.includes(layer.name)).length > 1,
  );
  covered['one layer added to itself'] = layers.some(
    ({ layer }) => layer.type === 'add' && layer.inputs[0] === layer.inputs[1],
  );
  covered['a convolution read before and after its ReLU'] = layers.some(({ layer, graph }) => {
    const readers = graph.layers.filter((other) => other.inputs.includes(layer.name));
    return layer.type === 'conv2d' && readers.length > 1 && readers.some((other) => other.type === 'relu');
  });
  covered['a concatenation of convolution, ReLU and shortcut'] = layers.some(
    ({ layer }) => layer.type === 'concat' && layer.inputs.length === 3,
  );
  covered['a ReLU of a ReLU'] = layers.some(
    ({ layer, graph }) => layer.type === 'relu' && type(graph, layer.inputs[0]!) === 'relu',
  );
  covered['a max pool of signed values'] = layers.some(
    ({ layer, graph }) => layer.type === 'maxPool2d' && type(graph, layer.inputs[0]!) === 'conv2d',
  );
  covered['several dense layers'] = cases.some(
    ({ graph }) => graph.layers.filter((layer) => layer.type === 'dense').length >= 3,
  );
  covered['dense layers after global average pooling'] = layers.some(
    ({ layer, graph }) => layer.type === 'dense' && type(graph, layer.inputs[0]!) === 'globalAveragePool2d',
  );
  for (const kind of ['relu', 'conv2d', 'dense', 'add', 'concat', 'maxPool2d', 'averagePool2d']) {
    covered[`a feature map that is a ${kind} layer`] = cases.some(
      ({ graph, featureMap }) => type(graph, featureMap) === kind,
    );
  }
  covered['a strided last convolution'] = cases.some(({ graph, featureMap }) => {
    const last = graph.layers.find((layer) => layer.name === featureMap);
    return last?.type === 'conv2d' && last.strides[0] > 1;
  });
  covered['a strided 1x1 convolution'] = convs.some(
    (c) => String(c.kernel.shape.slice(0, 2)) === '1,1' && c.strides[0] > 1,
  );
  covered['a last convolution with a larger kernel'] = cases.some(({ graph, featureMap }) => {
    const last = graph.layers.find((layer) => layer.name === featureMap);
    return last?.type === 'conv2d' && last.kernel.shape[0] === 3;
  });

  it.each(Object.entries(covered))('cover: %s', (_, found) => expect(found).toBe(true));

  it('have responses that are mostly not zero, or they would show nothing', () => {
    const alive = cases.filter(({ oracle, traces }) =>
      oracle.respond(traces[0]!, 'guided', 'unit', 0).some((value) => value !== 0),
    );
    expect(alive.length).toBeGreaterThan(COUNT * 0.75);
  });

  it('are mostly answered to five digits by rules of relevance as well', () => {
    for (const rule of ['lrp-zplus', 'lrp-gamma', 'deep-taylor'] as const) {
      const tolerances = cases.map((one) => answer(one, rule, 'positive').tolerance);
      expect(tolerances.filter((tolerance) => tolerance < 1e-4).length, rule).toBeGreaterThan(COUNT * 0.9);
    }
  });

  it('have the shapes that validation infers', () => {
    for (const { graph, oracle, featureMap } of cases) {
      const { layer, shape } = findFeatureMap(graph, validateGraph(graph));
      expect({ layer, shape }, graph.name).toEqual({ layer: featureMap, shape: oracle.featureMapSize });
    }
  });
});
