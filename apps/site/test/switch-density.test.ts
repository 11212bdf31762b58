import { expect, test } from 'vitest';
import { switchDensity } from '../src/panels/switch-density.ts';

const pool = {
  type: 'maxPool2d',
  name: 'pool',
  inputs: ['input'],
  poolSize: [2, 2],
  strides: [2, 2],
  padding: 'valid',
} as const;

test('the first maximum of each window is a switch, channel by channel', () => {
  // Two channels on 2x4: the first has its maxima at (1, 0) and, tied, first at (0, 2); the second at (0, 1) and (1, 3).
  const input = Float32Array.of(1, 0, 2, 9, 5, 1, 5, 1, 8, 0, 0, 0, 5, 1, 5, 2);
  const density = switchDensity(input, [2, 4, 2], pool);
  expect([...density]).toEqual([0, 0.5, 0.5, 0, 0.5, 0, 0, 0.5]);
});

test('negative values have a switch, padding has none', () => {
  const input = Float32Array.of(-3, -1, -2);
  const density = switchDensity(input, [1, 3, 1], { ...pool, padding: 'same' });
  expect([...density]).toEqual([0, 1, 1]);
});
