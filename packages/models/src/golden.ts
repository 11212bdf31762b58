import { INPUT, type Layer, type LayerGraph, type Pair } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from './errors.ts';
import { asArray, asNumber, asObject, asSizes, asText, type JsonObject, oneOf } from './json-checks.ts';

/** An array of numbers with its shape, row-major. Float64, as golden cases are computed. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Which class wins at each pixel, and with what response; [H, W], channels summed, activation seed. */
export interface GoldenDominant {
  readonly shape: readonly number[];
  readonly class: Int32Array;
  readonly response: Float64Array;
}

/** A small network with numeric answers, computed by an independent program. */
export interface GoldenCase {
  readonly name: string;
  /** What the case is there to catch. */
  readonly note: string;
  /** Epsilon of the answers of the LRP epsilon rule. */
  readonly lrpEpsilon: number;
  readonly graph: LayerGraph;
  /** [1, H, W, C]. */
  readonly input: { readonly shape: readonly number[]; readonly values: Float32Array };
  readonly expected: {
    /** z_L, [1, h, w, N]. */
    readonly featureMap: GoldenArray;
    /** [1, N]. */
    readonly logits: GoldenArray;
    /** [1, N]. */
    readonly probabilities: GoldenArray;
    /** Keys `rule/seed`, each [N, H, W, C]. */
    readonly responses: Readonly<Record<string, GoldenArray>>;
    /** Keys are rules. */
    readonly dominant: Readonly<Record<string, GoldenDominant>>;
  };
}

/**
 * Reads a golden case from its parsed JSON. Layers get names by type and number, `conv2d_1`; the ReLU inside a
 * convolution becomes a layer `conv2d_1_relu` of its own.
 *
 * @throws ModelFileError naming the field that is missing, of another type, or of a length that its shape denies.
 */
export function parseGoldenCase(json: unknown): GoldenCase {
  const file = asObject(json, 'golden case');
  const name = asText(file.name, 'golden case: name');
  const at = (field: string) => `golden case "${name}": ${field}`;
  const input = readArray(file.input, at('input'), 4);
  const layers = asArray(file.layers, at('layers'));
  const expected = asObject(file.expected, at('expected'));
  const [, height, width, channels] = input.shape as [number, number, number, number];
  const arrays = (field: string) => asObject(expected[field], at(`expected.${field}`));
  return {
    name,
    note: typeof file.note === 'string' ? file.note : '',
    lrpEpsilon: asNumber(file.lrpEpsilon, at('lrpEpsilon')),
    graph: { name, inputShape: [height, width, channels], layers: readLayers(layers, at) },
    input: { shape: input.shape, values: Float32Array.from(input.values) },
    expected: {
      featureMap: readArray(expected.featureMap, at('expected.featureMap'), 4),
      logits: readArray(expected.logits, at('expected.logits')),
      probabilities: readArray(expected.probabilities, at('expected.probabilities')),
      responses: mapValues(arrays('responses'), (value, key) =>
        readArray(value, at(`expected.responses["${key}"]`), 4),
      ),
      dominant: mapValues(arrays('dominant'), (value, key) =>
        readDominant(value, at(`expected.dominant["${key}"]`)),
      ),
    },
  };
}

const LAYER_TYPES = ['conv2d', 'maxPool2d', 'avgPool2d', 'globalAveragePool2d', 'softmax'] as const;

function readLayers(specs: readonly unknown[], at: (field: string) => string): Layer[] {
  const layers: Layer[] = [];
  const numbers = new Map<string, number>();
  let last: string = INPUT;
  const push = (layer: Layer) => {
    layers.push(layer);
    last = layer.name;
  };
  for (const [i, value] of specs.entries()) {
    const where = (field: string) => at(`layers[${i}]${field}`);
    const spec = asObject(value, where(''));
    const kind = oneOf(spec.type, LAYER_TYPES, where('.type'));
    const type = kind === 'avgPool2d' ? 'averagePool2d' : kind;
    const number = (numbers.get(type) ?? 0) + 1;
    numbers.set(type, number);
    const base = { name: `${type}_${number}`, inputs: [last] };
    if (type === 'conv2d') {
      const kernel = readWeight(spec.kernel, where('.kernel'), 4);
      push({
        ...base,
        type,
        kernel,
        bias: readWeight(spec.bias, where('.bias'), 1),
        ...readWindow(spec, where),
      });
      const activation = oneOf(spec.activation, ['relu', 'linear'], where('.activation'));
      if (activation === 'relu') push({ type: 'relu', name: `${base.name}_relu`, inputs: [base.name] });
    } else if (type === 'maxPool2d' || type === 'averagePool2d') {
      const poolSize = asSizes(spec.poolSize, where('.poolSize'), 2) as unknown as Pair;
      push({ ...base, type, poolSize, ...readWindow(spec, where) });
    } else {
      push({ ...base, type });
    }
  }
  return layers;
}

function readWindow(spec: JsonObject, where: (field: string) => string) {
  return {
    strides: asSizes(spec.strides, where('.strides'), 2) as unknown as Pair,
    padding: oneOf(spec.padding, ['same', 'valid'], where('.padding')),
  };
}

function readWeight(value: unknown, where: string, rank: number) {
  const { shape, values } = readArray(value, where, rank);
  return { shape, values: Float32Array.from(values) };
}

function readArray(value: unknown, where: string, rank?: number): GoldenArray {
  const array = asObject(value, where);
  const shape = asSizes(array.shape, `${where}.shape`, rank);
  return { shape, values: readNumbers(array.data, `${where}.data`, shape) };
}

function readNumbers(value: unknown, where: string, shape: readonly number[]): Float64Array {
  const data = asArray(value, where);
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size) {
    throw new ModelFileError({
      asked: where,
      got: `${data.length} numbers`,
      allowed: `${size}, as shape [${shape.join(', ')}] says`,
    });
  }
  return Float64Array.from(data, (number, i) => asNumber(number, `${where}[${i}]`));
}

function readDominant(value: unknown, where: string): GoldenDominant {
  const both = asObject(value, where);
  const winners = readArray(both.class, `${where}.class`);
  const response = readArray(both.response, `${where}.response`);
  if (String(winners.shape) !== String(response.shape) || !winners.values.every(Number.isInteger)) {
    throw new ModelFileError({
      asked: where,
      got: `class [${winners.shape}] and response [${response.shape}]`,
      allowed: 'whole class numbers, and one shape for both',
    });
  }
  return { shape: winners.shape, class: Int32Array.from(winners.values), response: response.values };
}

function mapValues<T>(object: JsonObject, read: (value: unknown, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, read(value, key)]));
}
