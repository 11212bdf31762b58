import type { Padding, Pair } from '../src/index.ts';
import type { Random } from './random.ts';

/** What windows may hold that makes a maximum hard to tell. */
export const fills: Record<string, (random: Random) => number> = {
  'random values': (random) => random.normal(),
  'many ties': (random) => random.int(-1, 1),
  'many ties of positive values': (random) => random.int(1, 2),
  'negative values only': (random) => -1 - random.next(),
  'negative values with ties': (random) => random.int(-3, -1),
  'one value everywhere': () => 2.5,
  'one negative value everywhere': () => -0.1,
  'zeros only': () => 0,
  'zeros of both signs': (random) => (random.chance(0.5) ? 0 : -0),
  'zeros of both signs among negative values': (random) => random.pick([0, -0, -1]),
  'mostly zeros, as after a ReLU': (random) => Math.max(0, random.normal() - 1),
  'huge values': (random) => random.pick([3.4e38, -3.4e38, 3.3e38, 1e30]),
  'neighbours in float32': (random) => 1 + random.int(0, 2) * 2 ** -23,
  'the smallest normal values': (random) => random.int(1, 3) * 2 ** -126,
};

/** How windows may lie. */
export const pools: readonly { poolSize: Pair; strides: Pair; padding: Padding; note: string }[] = [
  { note: 'windows side by side', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { note: 'a border that is cut', poolSize: [2, 3], strides: [2, 3], padding: 'same' },
  { note: 'overlap', poolSize: [3, 3], strides: [2, 2], padding: 'valid' },
  { note: 'overlap and padding', poolSize: [3, 3], strides: [2, 2], padding: 'same' },
  { note: 'overlap that the stride does not divide', poolSize: [5, 4], strides: [2, 3], padding: 'same' },
  { note: 'stride one', poolSize: [2, 3], strides: [1, 1], padding: 'same' },
  { note: 'gaps', poolSize: [2, 1], strides: [3, 3], padding: 'valid' },
  { note: 'gaps along one axis', poolSize: [1, 3], strides: [2, 2], padding: 'same' },
  { note: 'one pixel', poolSize: [1, 1], strides: [1, 1], padding: 'valid' },
  {
    note: 'a border in numbers',
    poolSize: [3, 3],
    strides: [2, 2],
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  {
    note: 'a border that differs',
    poolSize: [3, 4],
    strides: [2, 3],
    padding: [
      [0, 2],
      [3, 1],
    ],
  },
  {
    note: 'a border and gaps',
    poolSize: [2, 2],
    strides: [3, 3],
    padding: [
      [1, 0],
      [1, 1],
    ],
  },
  { note: 'a window larger than the image', poolSize: [9, 8], strides: [4, 4], padding: 'same' },
];
