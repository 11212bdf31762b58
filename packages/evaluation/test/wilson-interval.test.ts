import { expect, test } from 'vitest';
import { wilsonInterval } from '../src/index.ts';

test.each([
  // Newcombe 1998, table I.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
])('%i of %i lie where Wilson says', (hits, count, low, high) => {
  const interval = wilsonInterval(hits, count);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});
