import { createExplainer } from '@clearmaps/deconvnet';
import { mnistNet } from '@clearmaps/models';
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { cuts, headOf, isChain, tailOf } from '../src/panels/split-graph.ts';

const graph = mnistNet({ seed: 2 });
const pixels = Float32Array.from({ length: 784 }, (_, i) => ((i * 53) % 97) / 96);

beforeAll(() => setBackend('cpu'));

test('the paper’s nets are chains; a net that branches is none', () => {
  expect(isChain(graph)).toBe(true);
  const [first, ...rest] = graph.layers;
  const sum = { type: 'add', name: 'sum', inputs: [first!.name, first!.name] } as const;
  expect(isChain({ ...graph, layers: [first!, sum, ...rest] })).toBe(false);
});

test('head and tail together decide as the whole net does, wherever it is cut', async () => {
  const whole = createExplainer(graph);
  const { logits } = await whole.predict(pixels);
  const places = cuts(graph);
  expect(places).toContain('pool_1');
  for (const layer of [places[0]!, 'pool_1', places.at(-1)!]) {
    const head = createExplainer(headOf(graph, layer));
    const tail = createExplainer(tailOf(graph, layer));
    const { logits: joined } = await tail.predict(await head.featureMap(pixels));
    for (const [c, value] of joined.entries()) expect(value).toBeCloseTo(logits[c]!, 4);
    head.dispose();
    tail.dispose();
  }
  whole.dispose();
});

test('the response that arrives at the first layer, taken one layer further, is the response at the pixels', async () => {
  const [conv] = graph.layers;
  if (conv?.type !== 'conv2d') throw new Error('the first layer is a convolution');
  const options = { rule: 'linear', classes: [7], responses: true } as const;
  const whole = createExplainer(graph);
  const { maps } = await whole.explain(pixels, options);
  const head = createExplainer(headOf(graph, conv.name));
  const tail = createExplainer(tailOf(graph, conv.name));
  const { responses } = await tail.explain(await head.featureMap(pixels), options);
  const [kh, kw, , out] = conv.kernel.shape as [number, number, number, number];
  // Transposed convolution, written as a gather: what a pixel fed, comes back to it.
  const expected = new Float32Array(784);
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const [toY, toX] = [y - i + 1, x - j + 1];
          if (toY < 0 || toX < 0 || toY >= 28 || toX >= 28) continue;
          for (let k = 0; k < out; k++) {
            expected[y * 28 + x]! +=
              conv.kernel.values[(i * kw + j) * out + k]! * responses![(toY * 28 + toX) * out + k]!;
          }
        }
      }
    }
  }
  const largest = maps.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = maps.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(largest).toBeGreaterThan(0);
  expect(worst).toBeLessThan(1e-4 * largest);
  for (const explainer of [whole, head, tail]) explainer.dispose();
});
