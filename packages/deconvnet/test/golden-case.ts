import type { Layer, LayerGraph, Rule, RuleName, Seed } from '../src/index.ts';

interface Data {
  readonly shape: number[];
  readonly data: number[];
}

interface GoldenFile {
  readonly name: string;
  readonly lrpEpsilon: number;
  readonly input: Data;
  readonly layers: ({ type: string; activation?: string; kernel?: Data; bias?: Data } & Record<
    string,
    unknown
  >)[];
  readonly expected: {
    readonly featureMap: Data;
    readonly logits: Data;
    readonly probabilities: Data;
    readonly responses: Record<string, Data>;
    readonly dominant: Record<string, { class: Data; response: Data }>;
  };
}

export interface GoldenCase {
  readonly graph: LayerGraph;
  readonly featureMap: string;
  readonly input: Float32Array;
  readonly expected: GoldenFile['expected'];
  readonly responses: readonly { rule: Rule; seed: Seed; expected: readonly number[] }[];
}

/** The format of golden/README.md: a chain of layers, a ReLU belonging to its convolution. */
export function readGoldenCase(json: string): GoldenCase {
  const file = JSON.parse(json) as GoldenFile;
  const layers: Layer[] = [];
  let at = 'input';
  const append = (layer: Record<string, unknown>): void => {
    const name = `${layer.type}_${layers.length + 1}`;
    layers.push({ ...layer, name, inputs: [at] } as unknown as Layer);
    at = name;
  };
  const weight = ({ shape, data }: Data) => ({ shape, values: Float32Array.from(data) });
  let featureMap = '';
  for (const { type, activation, kernel, bias, ...rest } of file.layers) {
    if (type === 'globalAveragePool2d') featureMap = at;
    if (type === 'conv2d') append({ type, kernel: weight(kernel!), bias: weight(bias!), ...rest });
    else append({ ...rest, type: type === 'avgPool2d' ? 'averagePool2d' : type });
    if (activation === 'relu') append({ type: 'relu' });
  }
  return {
    graph: {
      name: file.name,
      inputShape: file.input.shape.slice(1) as unknown as LayerGraph['inputShape'],
      layers,
    },
    featureMap,
    input: Float32Array.from(file.input.data),
    expected: file.expected,
    responses: Object.entries(file.expected.responses).map(([key, { data }]) => {
      const [name, seed] = key.split('/') as [RuleName, Seed];
      const rule: Rule = name === 'lrp-epsilon' ? `lrp-epsilon:${file.lrpEpsilon}` : name;
      return { rule, seed, expected: data };
    }),
  };
}
