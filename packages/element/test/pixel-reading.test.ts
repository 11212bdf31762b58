import { expect, test } from 'vitest';
import { readPixel } from '../src/index.ts';
import { randomExplanation } from './random-explanation.ts';

test('a reading lists the responses of one pixel, the winner and its margin', async () => {
  const explanation = await randomExplanation();
  const place = { x: 11, y: 17 };
  const { responses, winner, margin } = readPixel(explanation, {
    ...place,
    shown: explanation.classes,
    classNames: [...'0123456789'],
  });
  const pixel = 17 * 28 + 11;
  expect(winner!.classIndex).toBe(explanation.dominantClass[pixel]);
  expect(winner!.response).toBe(explanation.dominantResponse[pixel]);
  for (const { classIndex, response } of responses) {
    expect(response).toBe(explanation.maps[classIndex * 784 + pixel]);
  }
  expect(margin).toBe(responses[0]!.response - responses[1]!.response);
});
