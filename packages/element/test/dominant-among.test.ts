import { expect, test } from 'vitest';
import { dominantAmong } from '../src/index.ts';
import { randomExplanation } from './random-explanation.ts';

test('over all classes the dominant maps are those of the explanation', async () => {
  const explanation = await randomExplanation();
  const { dominantClass, dominantResponse } = dominantAmong(explanation, explanation.classes);
  expect(dominantClass).toEqual(explanation.dominantClass);
  expect(dominantResponse).toEqual(explanation.dominantResponse);
});

test('of a few classes the one with the largest signed response wins, and the first where they tie', () => {
  const explanation = {
    shape: [1, 1, 4, 1] as const,
    classes: [3, 5, 8],
    // Rows: class 3, 5, 8.
    maps: Float32Array.of(9, 9, 9, 9, -2, 1, 0, 4, -1, 1, 0, 5),
  };
  const { dominantClass, dominantResponse } = dominantAmong(explanation, [8, 5]);
  expect([...dominantClass]).toEqual([8, 5, 5, 8]);
  expect([...dominantResponse]).toEqual([-1, 1, 0, 5]);
  const none = dominantAmong(explanation, []);
  expect([...none.dominantClass]).toEqual([-1, -1, -1, -1]);
});
