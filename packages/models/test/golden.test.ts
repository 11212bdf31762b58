import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateGraph } from '@clearmaps/deconvnet';
import { describe, expect, it } from 'vitest';
import { ModelFileError, parseGoldenCase } from '../src/index.ts';
import { referenceForward } from './reference-forward.ts';
import { sharedFolder } from './shared-files.ts';

const golden = sharedFolder('golden');
const files = golden.missing ? [] : readdirSync(golden.path).filter((file) => file.endsWith('.json'));

const array = (shape: number[], data: unknown[]) => ({ shape, data });
const tiny = {
  name: 'tiny',
  note: 'by hand',
  lrpEpsilon: 1e-6,
  input: array([1, 1, 2, 1], [3, -1]),
  layers: [
    {
      type: 'conv2d',
      kernel: array([1, 1, 1, 2], [1, -2]),
      bias: array([2], [0, 0.5]),
      strides: [1, 1],
      padding: 'same',
      activation: 'relu',
    },
    { type: 'avgPool2d', poolSize: [1, 2], strides: [1, 2], padding: 'valid' },
    { type: 'globalAveragePool2d' },
    { type: 'softmax' },
  ],
  expected: {
    featureMap: array([1, 1, 2, 2], [3, 0, 0, 2.5]),
    logits: array([1, 2], [1.5, 1.25]),
    probabilities: array([1, 2], [0.5622, 0.4378]),
    responses: { 'linear/unit': array([2, 1, 2, 1], [1, 1, -2, -2]) },
    dominant: { linear: { class: array([1, 2], [0, 1]), response: array([1, 2], [3, 2.5]) } },
  },
};

describe('a golden case', () => {
  it('becomes a graph with named layers, its input and its typed answers', () => {
    const { graph, input, expected, note, lrpEpsilon } = parseGoldenCase(tiny);
    expect(graph.layers.map(({ name, type, inputs }) => [name, type, inputs[0]])).toEqual([
      ['conv2d_1', 'conv2d', 'input'],
      ['conv2d_1_relu', 'relu', 'conv2d_1'],
      ['averagePool2d_1', 'averagePool2d', 'conv2d_1_relu'],
      ['globalAveragePool2d_1', 'globalAveragePool2d', 'averagePool2d_1'],
      ['softmax_1', 'softmax', 'globalAveragePool2d_1'],
    ]);
    expect(graph.inputShape).toEqual([1, 2, 1]);
    expect(input.values).toEqual(Float32Array.from([3, -1]));
    expect(expected.responses['linear/unit']).toEqual({
      shape: [2, 1, 2, 1],
      values: Float64Array.from([1, 1, -2, -2]),
    });
    expect(expected.dominant.linear?.class).toEqual(Int32Array.from([0, 1]));
    expect([note, lrpEpsilon]).toEqual(['by hand', 1e-6]);
  });

  /** The case with one field replaced; undefined removes it. */
  const broken = (path: string, value: unknown) => {
    const copy = structuredClone(tiny) as never;
    const keys = path.split('.');
    const owner = keys
      .slice(0, -1)
      .reduce((object: Record<string, unknown>, key) => object[key] as never, copy);
    owner[keys.at(-1)!] = value;
    return copy;
  };

  it.each([
    ['name', undefined, /golden case: name: got nothing/],
    ['input', undefined, /"tiny": input: got nothing; allowed: an object/],
    ['input.shape', [1, 2, 1], /input\.shape: got \[1,2,1\]; allowed: 4 whole numbers/],
    ['input.data', [3], /input\.data: got 1 numbers; allowed: 2, as shape \[1, 1, 2, 1\] says/],
    ['input.data', [3, null], /input\.data\[1\]: got null; allowed: a finite number/],
    ['layers', {}, /layers: got \{\}; allowed: an array/],
    ['layers.0.type', 'conv3d', /layers\[0\]\.type: got "conv3d"; allowed: "conv2d", "maxPool2d"/],
    ['layers.0.kernel.data', [1, 'x'], /layers\[0\]\.kernel\.data\[1\]: got "x"/],
    ['layers.0.strides', [0, 1], /layers\[0\]\.strides: got \[0,1\]/],
    ['layers.0.padding', 'full', /layers\[0\]\.padding: got "full"/],
    ['layers.0.activation', undefined, /layers\[0\]\.activation: got nothing/],
    ['layers.1.poolSize', 2, /layers\[1\]\.poolSize: got 2/],
    ['lrpEpsilon', 'small', /lrpEpsilon: got "small"/],
    ['expected.logits', undefined, /expected\.logits: got nothing/],
    ['expected.responses.linear/unit', [], /expected\.responses\["linear\/unit"\]: got \[\]/],
    ['expected.dominant.linear.class', array([2, 1], [0, 1]), /class \[2,1\] and response \[1,2\]/],
    ['expected.dominant.linear.class', array([1, 2], [0, 0.5]), /whole class numbers/],
  ])('with %s as %j is refused by name', (path, value, message) => {
    expect(() => parseGoldenCase(broken(path, value))).toThrow(message);
    expect(() => parseGoldenCase(broken(path, value))).toThrow(ModelFileError);
  });

  it('must be an object', () => {
    for (const json of [null, 3, 'text', []]) expect(() => parseGoldenCase(json)).toThrow(ModelFileError);
  });
});

describe.skipIf(golden.missing)(`the golden cases${golden.missing}`, () => {
  it('are there', () => expect(files.length).toBeGreaterThanOrEqual(7));

  it.each(files)('%s gives its feature map, logits and probabilities in a plain forward pass', (file) => {
    const { graph, input, expected } = parseGoldenCase(
      JSON.parse(readFileSync(join(golden.path, file), 'utf8')),
    );
    validateGraph(graph);
    const outputs = referenceForward(graph, input.values);
    const [map, logits, probabilities] = graph.layers.slice(-3).map((layer) => outputs.get(layer.name)!);
    for (const [got, want] of [
      [map!, expected.featureMap],
      [logits!, expected.logits],
      [probabilities!, expected.probabilities],
    ] as const) {
      expect([1, ...got.shape]).toEqual(want.shape);
      const scale = want.values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
      const worst = got.values.reduce((max, v, i) => Math.max(max, Math.abs(v - want.values[i]!)), 0);
      expect(worst).toBeLessThanOrEqual(1e-6 * scale);
    }
  });
});
