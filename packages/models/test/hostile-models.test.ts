import { ClearmapsError } from '@clearmaps/errors';
import { mulberry32 } from '@clearmaps/random';
import { describe, expect, it } from 'vitest';
import { graphFromLayersModel, layersModelFromGraph, mnistNet, parseGoldenCase } from '../src/index.ts';
import { randomDag } from './random-graphs.ts';

const JUNK = [
  null,
  undefined,
  -1,
  0,
  1.5,
  1e300,
  '',
  'x',
  '__proto__',
  true,
  [],
  [[]],
  {},
  [null],
  [[null, 0, 0]],
];

/** A copy with one value somewhere in it replaced by junk, or by another value of the same tree. */
function mutate(tree: unknown, next: () => number): unknown {
  const copy = structuredClone(tree);
  const places: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown) => {
    if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node) || node instanceof ArrayBuffer)
      return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  const [owner, key] = places[next() % places.length]!;
  const [donor, from] = places[next() % places.length]!;
  owner[key] = next() % 3 === 0 ? structuredClone(donor[from]) : JUNK[next() % JUNK.length];
  return copy;
}

describe('files with a value replaced at random', () => {
  it.each([
    ['a Sequential model', layersModelFromGraph(mnistNet({ inputShape: [4, 4, 1] })), graphFromLayersModel],
    ['a functional model', layersModelFromGraph(randomDag(4)), graphFromLayersModel],
    [
      'a golden case',
      {
        name: 'tiny',
        lrpEpsilon: 1e-6,
        input: { shape: [1, 1, 2, 1], data: [3, -1] },
        layers: [
          { type: 'maxPool2d', poolSize: [1, 1], strides: [1, 1], padding: 'same' },
          { type: 'globalAveragePool2d' },
        ],
        expected: {
          featureMap: { shape: [1, 1, 2, 1], data: [3, -1] },
          logits: { shape: [1, 1], data: [1] },
          probabilities: { shape: [1, 1], data: [1] },
          responses: {},
          dominant: { linear: { class: { shape: [1], data: [0] }, response: { shape: [1], data: [2] } } },
        },
      },
      parseGoldenCase,
    ],
  ])('give for %s a result or a ClearmapsError, nothing else', (_, file, read) => {
    const next = mulberry32(31);
    const count = { valid: 0, refused: 0 };
    for (let round = 0; round < 2000; round++) {
      const mutant = mutate(file, next);
      try {
        (read as (file: unknown) => unknown)(mutant);
        count.valid++;
      } catch (error) {
        if (!(error instanceof ClearmapsError)) throw new Error(`round ${round}`, { cause: error });
        count.refused++;
      }
    }
    expect(count.valid).toBeGreaterThan(20);
    expect(count.refused).toBeGreaterThan(200);
  });
});
