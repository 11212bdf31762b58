import { describe, expect, test } from 'vitest';
import { bestAtArea, closestToPaper, type StudiedNet, type StudiedSetting, shareOf } from '../src/index.ts';

const row = (cut: { threshold: number } | { area: number }, only: number, without: number) => ({
  cut,
  keptArea: 0.1,
  only: shareOf(only, 100),
  without: shareOf(without, 100),
  controls: {},
});
const setting = (rule: 'linear' | 'guided', pairs: [number, number][]): StudiedSetting => ({
  rule,
  seed: 'positive',
  reduction: 'sum',
  table: {
    full: shareOf(99, 100),
    rows: [{ threshold: 0.1 }, { threshold: 0.2 }, { area: 0.1 }].map((cut, i) => row(cut, ...pairs[i]!)),
  },
});
const paper = { full: 1, only: 0.8, without: 0.4 };
const one: StudiedNet = {
  name: 'one',
  paper,
  settings: [
    setting('linear', [
      [80, 40],
      [81, 41],
      [50, 40],
    ]),
    setting('guided', [
      [85, 45],
      [70, 30],
      [90, 10],
    ]),
  ],
};

describe('a study', () => {
  test('finds the setting and threshold closest to the paper', () => {
    expect(closestToPaper([one])).toMatchObject({ rule: 'linear', rows: [{ cut: { threshold: 0.1 } }] });
  });

  test('asks for the ordering of the paper on every net', () => {
    const other = {
      ...one,
      settings: [
        setting('linear', [
          [40, 50],
          [40, 50],
          [0, 0],
        ]),
        one.settings[1]!,
      ],
    };
    expect(closestToPaper([one, other])).toMatchObject({
      rule: 'guided',
      rows: [{ cut: { threshold: 0.1 } }, {}],
    });
    const none = {
      ...one,
      settings: [
        setting('linear', [
          [1, 2],
          [1, 2],
          [1, 2],
        ]),
      ],
    };
    expect(() => closestToPaper([none])).toThrow(/none that qualifies/);
  });

  test('finds what separates best at equal area', () => {
    expect(bestAtArea([one], 0.1)).toMatchObject({ rule: 'guided', rows: [{ only: { right: 90 } }] });
    expect(() => bestAtArea([one], 0.3)).toThrow(/none that qualifies/);
  });
});
