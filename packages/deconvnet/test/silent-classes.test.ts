import { expect, it } from 'vitest';
import { silentClasses } from '../src/graph.ts';

const channelsFirst = {
  images: 2,
  classes: 4,
  channelsFirst: true,
  data: Float32Array.from([0, 0, -1, 0, 0, 0, 0, Number.NaN, 0, 0, 0, -2, 0, 1, 0, 0]),
};
/** The same values, channels last. */
const channelsLast = {
  ...channelsFirst,
  channelsFirst: false,
  data: channelsFirst.data.map((_, i, all) => {
    const [image, place, c] = [Math.floor(i / 8), Math.floor((i % 8) / 4), i % 4];
    return all[image * 8 + c * 2 + place]!;
  }),
};

it.each([
  ['first', channelsFirst],
  ['last', channelsLast],
])(
  'a class that speaks in one image of a batch is not silent, nor is one that is not a number, channels %s',
  (_, map) => {
    expect([...silentClasses(map, 'positive')]).toEqual([0, 1]);
    expect([...silentClasses(map, 'activation')]).toEqual([0]);
    expect([...silentClasses(map, 'unit')]).toEqual([]);
  },
);
