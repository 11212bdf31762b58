import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectClose, largest, TOLERANCE } from '../../deconvnet/test/compare.ts';
import { type GoldenCase, readGoldenCase } from '../../deconvnet/test/golden-case.ts';
import { compileOnnx, createNativeExplainer, FORWARD_TYPES } from '../src/index.ts';
import { beside, others, shipped } from './golden-files.ts';
import { runModel } from './run-model.ts';

/** The dominant maps where the winner leads by more than float32 can err. */
function expectDominant(
  expected: GoldenCase['expected']['dominant'][string],
  maps: Float32Array,
  dominantClass: ArrayLike<number | bigint>,
  dominantResponse: Float32Array,
): void {
  expectClose(dominantResponse, expected.response.data, 'dominant response');
  const close = TOLERANCE * largest(maps);
  const pixels = dominantClass.length;
  for (const [at, c] of expected.class.data.entries()) {
    const values = Array.from({ length: maps.length / pixels }, (_, row) => maps[row * pixels + at]!);
    const rivals = values.filter((_, row) => row !== c);
    if (values[c]! - Math.max(...rivals) > close) expect(Number(dominantClass[at]), `pixel ${at}`).toBe(c);
  }
}

describe('the golden cases', () => {
  it('are at hand: four of them', () => expect(shipped).toHaveLength(4));

  it('lie beside the repository', ({ skip }) => {
    skip(others.length === 0, `[SKIPPED: ${beside} is absent or holds no further golden case]`);
    expect(others.length).toBeGreaterThan(0);
  });
});

const files = [...shipped, ...others].map((path) => ({ file: basename(path), path }));

describe.each(FORWARD_TYPES.flatMap((forward) => files.map((file) => ({ ...file, forward }))))(
  '$file, forward in $forward',
  ({ path, forward }) => {
    const { graph, input, expected, responses } = readGoldenCase(readFileSync(path, 'utf8'));
    const seeds = ['activation', 'unit'] as const;

    it('is answered by the native engine: scores, probabilities, feature map', async () => {
      const explainer = await createNativeExplainer(graph, { threads: 1, forward });
      const { logits, probabilities } = await explainer.predict(input);
      expectClose(logits, expected.logits.data, 'logits');
      expectClose(probabilities, expected.probabilities.data, 'probabilities');
      expectClose(await explainer.featureMap(input), expected.featureMap.data, 'feature map');
      await explainer.dispose();
    });

    it('has answers for four rules with two seeds, and for three of relevance', () => {
      const swept = ['deconvnet', 'gradient', 'guided', 'linear'].flatMap((rule) =>
        seeds.map((seed) => `${rule}/${seed}`),
      );
      const relevance = ['lrp-epsilon:0.000001', 'lrp-alpha2beta1', 'lrp-zplus'].map(
        (r) => `${r}/activation`,
      );
      expect(responses.map(({ rule, seed }) => `${rule}/${seed}`).sort()).toEqual(
        [...swept, ...relevance].sort(),
      );
    });

    it.each(responses)(
      'is answered by the native engine: $rule/$seed',
      async ({ rule, seed, expected: wanted }) => {
        const explainer = await createNativeExplainer(graph, { threads: 1, forward });
        const found = await explainer.explain(input, { rule, seed, responses: true });
        expectClose(found.responses!, wanted, `${rule}/${seed}`);
        if (expected.dominant[rule] && seed === 'activation') {
          const { maps, dominantClass, dominantResponse } = found;
          expectDominant(expected.dominant[rule], maps, dominantClass, dominantResponse);
        }
        // Without its channels the image's response is computed another way.
        const { maps } = await explainer.explain(input, { rule, seed });
        expectClose(maps, found.maps, 'maps without responses');
        await explainer.dispose();
      },
    );

    it.each(responses)(
      'is answered by the exported file: $rule/$seed',
      async ({ rule, seed, expected: wanted }) => {
        const { bytes } = compileOnnx(graph, { rule, seed, responses: true, maps: true, forward });
        const found = await runModel(bytes, input, graph.inputShape);
        expectClose(found.logits!.data as Float32Array, expected.logits.data, 'logits');
        expectClose(found.probabilities!.data as Float32Array, expected.probabilities.data, 'probabilities');
        expectClose(found.responses!.data as Float32Array, wanted, `${rule}/${seed}`);
        const dominant = expected.dominant[rule];
        if (seed !== 'activation' || dominant === undefined) return;
        const slim = await runModel(
          compileOnnx(graph, { rule, seed, forward }).bytes,
          input,
          graph.inputShape,
        );
        for (const { dominant_class, dominant_response } of [found, slim]) {
          expectDominant(
            dominant,
            found.maps!.data as Float32Array,
            dominant_class!.data as BigInt64Array,
            dominant_response!.data as Float32Array,
          );
        }
      },
    );
  },
);
