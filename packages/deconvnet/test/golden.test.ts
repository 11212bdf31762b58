/// <reference types="vite/client" />
import { describe, expect, it } from 'vitest';
import { createExplainer } from '../src/index.ts';
import { onEachBackend } from './backends.ts';
import { expectClose, largest, TOLERANCE } from './compare.ts';
import { readGoldenCase } from './golden-case.ts';
import { Oracle } from './oracle.ts';
import { takeValues } from './take-values.ts';

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const cases = (files: Record<string, string>) =>
  Object.entries(files).map(([path, json]) => ({ file: basename(path), json }));

// Vite's way to read files, so that a page reads them, too; its options must stand in the call.
const shipped = cases(
  import.meta.glob<string>('../golden/*.json', { query: '?raw', import: 'default', eager: true }),
);
/** The whole set lies beside the repository, where it is there at all. */
const beside = cases(
  import.meta.glob<string>('../../../../shared/golden/*.json', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
const names = new Set(shipped.map(({ file }) => file));
const others = beside.filter(({ file }) => !names.has(file));

describe('the golden cases', () => {
  it('ship with the package: four of them', () => expect(shipped).toHaveLength(4));

  it('lie beside the repository', ({ skip }) => {
    skip(others.length === 0, 'no further golden cases: ../shared/golden is absent or holds none');
    expect(others.length).toBeGreaterThan(0);
  });
});

describe.each([...shipped, ...others])('$file', ({ json }) => {
  const { graph, featureMap, input, expected, responses } = readGoldenCase(json);

  it('is answered by the oracle, so that engine and oracle are judged by a third', () => {
    const oracle = new Oracle(graph, featureMap);
    const trace = oracle.forward(input);
    expectClose(trace.values.get(featureMap)!, expected.featureMap.data, 'feature map');
    expectClose(oracle.logits(trace), expected.logits.data, 'logits');
    for (const { rule, seed, expected: wanted } of responses) {
      const classes = Array.from({ length: oracle.featureMapSize[2] }, (_, c) => c);
      const found = classes.flatMap((c) => Array.from(oracle.respond(trace, rule, seed, c)));
      expectClose(found, wanted, `${rule}/${seed}`);
    }
  });

  onEachBackend(() => {
    it('gives the feature map, the scores and the probabilities', async () => {
      const explainer = createExplainer(graph);
      const map = explainer.featureMapTensor(input);
      expect(map.shape).toEqual(expected.featureMap.shape);
      expectClose(await takeValues(map), expected.featureMap.data, 'feature map');
      const { logits, probabilities } = await explainer.predict(input);
      expectClose(logits, expected.logits.data, 'logits');
      expectClose(probabilities, expected.probabilities.data, 'probabilities');
      explainer.dispose();
    });

    it.each(responses)('gives the responses of $rule/$seed', async ({ rule, seed, expected: wanted }) => {
      const explainer = createExplainer(graph);
      const found = await explainer.explain(input, { rule, seed, responses: true });
      expectClose(found.responses!, wanted, `${rule}/${seed}`);
      explainer.dispose();
    });

    it.each(Object.keys(expected.dominant))('gives the dominant maps of %s', async (rule) => {
      const explainer = createExplainer(graph);
      const { dominantClass, dominantResponse, maps, classes } = await explainer.explain(input, {
        rule: rule as 'linear',
        seed: 'activation',
      });
      const wanted = expected.dominant[rule]!;
      expectClose(dominantResponse, wanted.response.data, 'dominant response');
      const close = TOLERANCE * largest(maps);
      const pixels = dominantClass.length;
      for (const [at, c] of wanted.class.data.entries()) {
        const values = classes.map((_, row) => maps[row * pixels + at]!);
        const rivals = values.filter((_, row) => row !== c);
        // Only where the winner leads by more than float32 can err does the answer bind.
        if (values[c]! - Math.max(...rivals) > close) expect(dominantClass[at], `pixel ${at}`).toBe(c);
      }
      explainer.dispose();
    });
  });
});
