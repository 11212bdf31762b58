import { expect, it } from 'vitest';
import {
  type AsyncExplainOptions,
  type Explanation,
  INPUT,
  type LayerGraph,
  type LayerResponses,
  type MaxPoolLayer,
  type Rule,
} from '../src/graph.ts';
import { expectClose, relativeError, TOLERANCE } from './compare.ts';
import { oracleSwitches } from './oracle.ts';
import { Random } from './random.ts';
import { type RandomCase, randomCase } from './random-case.ts';
import { imagesFor, smallNet } from './small-nets.ts';
import { fills, pools } from './switch-cases.ts';

const rules: readonly Rule[] = ['linear', 'deconvnet', 'guided', 'gradient-x-input', 'lrp-zplus'];
/** The oracle stands at the layers of the graph as it is written: none folded, none behind a pooling. */
const cases = Array.from({ length: 30 }, (_, seed) => randomCase(seed, 1)).filter(
  ({ graph, pool }) => pool === undefined && graph.layers.every(({ type }) => type !== 'affine'),
);

/** The layers between the image and the feature map, the latter's own included. */
function passed({ graph, featureMap }: RandomCase): string[] {
  const reached = new Set([featureMap]);
  for (const { name, inputs } of graph.layers.toReversed()) {
    if (reached.has(name)) for (const input of inputs) reached.add(input);
  }
  return graph.layers.map(({ name }) => name).filter((name) => reached.has(name));
}

/** What a pool sends to its input: each value to the place of its switch. */
function unpooled(
  { shape: [batch, rows, columns, channels], responses, switches }: LayerResponses,
  [height, width]: readonly number[],
): Float64Array {
  const windows = rows * columns;
  const classes = responses.length / (batch * windows * channels);
  const back = new Float64Array(batch * classes * height! * width! * channels);
  for (const [i, value] of responses.entries()) {
    const c = i % channels;
    const window = Math.floor(i / channels) % windows;
    const row = Math.floor(i / (channels * windows));
    const from = switches![(Math.floor(row / classes) * windows + window) * channels + c]!;
    const at = (row * height! * width! + from) * channels + c;
    back[at] = back[at]! + value;
  }
  return back;
}

/** A net whose first layer is a pool: its switches are those of the image itself. */
function poolNet(pool: Pick<MaxPoolLayer, 'poolSize' | 'strides' | 'padding'>): LayerGraph {
  return {
    name: 'pool',
    inputShape: [8, 7, 3],
    layers: [
      { type: 'maxPool2d', name: 'pool', inputs: [INPUT], ...pool },
      {
        type: 'conv2d',
        name: 'scores',
        inputs: ['pool'],
        kernel: { shape: [1, 1, 3, 2], values: Float32Array.of(1, -1, 2, 1, -1, 3) },
        strides: [1, 1],
        padding: 'valid',
      },
      { type: 'globalAveragePool2d', name: 'gap', inputs: ['scores'] },
    ],
  };
}

/**
 * Responses and switches at all layers of one sweep, for every engine.
 *
 * @param explain explains an image once on a net of its own
 * @param slowAndLow whether a few of the random graphs are enough, and values below -1e20 are no maxima: tfjs' max pool
 *   on webgpu starts from there
 */
export function layerCases(
  explain: (net: LayerGraph, image: Float32Array, options: AsyncExplainOptions) => Promise<Explanation>,
  { slowAndLow = false } = {},
): void {
  const some = slowAndLow ? cases.slice(0, 6) : cases;

  it.each(rules)(
    'one sweep gives the responses of the oracle at all layers, and R at the input: %s',
    async (rule) => {
      for (const one of some) {
        const { graph, oracle, traces, images } = one;
        const layers = passed(one);
        const options = { rule, seed: 'positive', classes: [1], responses: true } as const;
        const plain = await explain(graph, images[0]!, options);
        const walked = await explain(graph, images[0]!, { ...options, layers });
        expect(walked.layers!.map(({ name }) => name)).toEqual(layers);
        for (const { name, responses, shape } of walked.layers!) {
          expectClose(
            responses,
            oracle.respond(traces[0]!, rule, 'positive', 1, name),
            `${graph.name} at ${name}`,
            1e-4,
          );
          expect(shape.reduce((a, b) => a * b)).toBe(responses.length);
        }
        // Relevance is divided by sums that may cancel: what is added up in another order may differ by more.
        const tolerance = rule === 'lrp-zplus' ? 1e-4 : TOLERANCE;
        expectClose(walked.responses!, plain.responses!, `${graph.name}, R`, tolerance);
        expectClose(walked.maps, plain.maps, `${graph.name}, maps`, tolerance);
        expectClose(walked.logits, plain.logits, 'logits');
      }
    },
  );

  it('the response behind a max pool, sent to its switches, is the response before it', async () => {
    let pools = 0;
    for (const one of some) {
      const { graph, images } = one;
      const layers = passed(one);
      const both = Float32Array.from([...images[0]!, ...images[0]!.toReversed()]);
      const walked = await explain(graph, both, { rule: 'guided', seed: 'unit', layers });
      const at = new Map(walked.layers!.map((layer) => [layer.name, layer]));
      for (const pool of graph.layers) {
        const before = at.get(pool.inputs[0]!);
        const readers = graph.layers.filter(({ inputs }) => inputs.includes(pool.inputs[0]!));
        if (pool.type !== 'maxPool2d' || !before || !at.has(pool.name) || readers.length > 1) continue;
        pools++;
        expect(at.get(pool.name)!.switches).toBeInstanceOf(Int32Array);
        const back = unpooled(at.get(pool.name)!, before.shape.slice(1));
        expect(relativeError(before.responses, back), `${graph.name} at ${pool.name}`).toBeLessThan(1e-6);
      }
      for (const { name, switches } of walked.layers!) {
        const isPool = graph.layers.some((layer) => layer.name === name && layer.type === 'maxPool2d');
        expect(switches !== undefined, name).toBe(isPool);
      }
    }
    expect(pools).toBeGreaterThan(0);
  });

  it.each(pools)(
    'switches are the first maxima in row-major order, with $note',
    async ({ note: _, ...pool }) => {
      const random = new Random(5);
      const net = poolNet(pool);
      const [height, width, channels] = net.inputShape;
      if (pool.padding === 'valid' && (pool.poolSize[0] > height || pool.poolSize[1] > width)) return;
      for (const [what, fill] of Object.entries(fills)) {
        if (what === 'huge values' && slowAndLow) continue;
        // Sums of huge values overflow further up; where their maxima are is known all the same.
        const image = Float32Array.from({ length: height * width * channels }, () => fill(random));
        const { layers } = await explain(net, image, {
          rule: 'linear',
          seed: 'unit',
          classes: [0],
          layers: ['pool'],
        });
        const winners = oracleSwitches(image, net.inputShape, pool);
        expect(layers![0]!.switches, what).toEqual(winners.map((from) => Math.floor(from / channels)));
      }
    },
  );

  it('in turns, of silent classes and of groups as well as at once', async () => {
    const net = smallNet();
    const image = imagesFor(net, 2);
    const layers = ['relu_2', 'pool', 'relu_1'];
    const once = await explain(net, image, { layers, rule: 'linear', seed: 'activation' });
    const inTurns = await explain(net, image, {
      layers,
      rule: 'linear',
      seed: 'activation',
      memoryBudget: 1,
    });
    const groups = [[2, 0], [1]];
    const grouped = await explain(net, image, { layers, rule: 'linear', seed: 'activation', groups });
    for (const [k, { name, shape, responses, switches }] of once.layers!.entries()) {
      expectClose(inTurns.layers![k]!.responses, responses, name);
      expect(inTurns.layers![k]!.switches).toEqual(switches);
      expect(grouped.layers![k]!.switches).toEqual(switches);
      const size = shape[1] * shape[2] * shape[3];
      const sums = Float32Array.from({ length: 2 * 2 * size }, (_, i) => {
        const [image, group] = [Math.floor(i / (2 * size)), groups[Math.floor(i / size) % 2]!];
        return group.reduce((sum, c) => sum + responses[(image * 4 + c) * size + (i % size)]!, 0);
      });
      expectClose(grouped.layers![k]!.responses, sums, `groups at ${name}`);
    }
    // Scores below zero everywhere: no class has a seed.
    const silenced: LayerGraph = {
      ...net,
      layers: net.layers.map((layer) =>
        layer.type === 'conv2d' && layer.name === 'scores'
          ? { ...layer, bias: { shape: [4], values: new Float32Array(4).fill(-1e3) } }
          : layer,
      ),
    };
    const silent = await explain(silenced, image, { layers, seed: 'positive', memoryBudget: 1 });
    for (const { responses, shape } of silent.layers!) {
      expect(responses).toEqual(new Float32Array(4 * shape.reduce((a, b) => a * b)));
    }
    expect(silent.layers![1]!.switches).toEqual(once.layers![1]!.switches);
  });

  it('layers are refused that the way does not pass, or that are asked for twice', async () => {
    const net = smallNet();
    const ask = (options: AsyncExplainOptions) => explain(net, imagesFor(net), options);
    await expect(ask({ layers: ['no_such'] })).rejects.toThrow(/layers.*no_such.*conv_1, relu_1, pool/s);
    await expect(ask({ layers: ['gap'] })).rejects.toThrow(/layers.*gap/s);
    await expect(ask({ layers: ['pool', 'pool'] })).rejects.toThrow(/pool" twice/);
    await expect(ask({ at: 'pool', layers: ['relu_1'] })).rejects.toThrow(/relu_1.*conv_2, relu_2, scores/s);
    const { layers } = await ask({ at: 'pool', layers: ['relu_2'] });
    expect(layers![0]!.shape).toEqual([1, 4, 4, 6]);
  });
}
