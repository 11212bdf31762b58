import { describe, expect, test } from 'vitest';
import {
  bestAtArea,
  closestToPaper,
  lead,
  type MaskedRow,
  mostTelling,
  passes,
  type StudiedNet,
  type StudiedSetting,
  shareOf,
  tellsLearning,
} from '../src/index.ts';

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
  contrast: false,
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
    expect(closestToPaper([none])).toBeUndefined();
  });

  test('finds what separates best at equal area', () => {
    expect(bestAtArea([one], 0.1)).toMatchObject({ rule: 'guided', rows: [{ only: { right: 90 } }] });
    expect(() => bestAtArea([one], 0.3)).toThrow(/30 % of the image: got a study without such a cut/);
  });
});

describe('a mask tells what a net has learned', () => {
  const pair = (only: number, without: number) => ({
    keptArea: 0.1,
    only: shareOf(only, 100),
    without: shareOf(without, 100),
  });
  const controlled = (own: [number, number], ...controls: [number, number][]): MaskedRow => ({
    cut: { threshold: 0.1 },
    ...pair(...own),
    controls: {
      randomWeights: pair(...controls[0]!),
      ...(controls[1] && { randomMask: pair(...controls[1]) }),
    },
  });

  test("where both its numbers are at least as good as the paper's", () => {
    expect(passes(pair(80, 40), paper)).toBe(true);
    expect(passes(pair(79, 40), paper)).toBe(false);
    expect(passes(pair(80, 41), paper)).toBe(false);
  });

  test('and those of no control are', () => {
    expect(tellsLearning(controlled([90, 30], [79, 10], [20, 95]), paper)).toBe(true);
    expect(tellsLearning(controlled([90, 30], [20, 95], [80, 40]), paper)).toBe(false);
    expect(tellsLearning(controlled([79, 30], [20, 95]), paper)).toBe(false);
    expect(() => tellsLearning({ ...controlled([90, 30], [0, 0]), controls: {} }, paper)).toThrow(
      /no control/,
    );
  });

  test('by how much more it separates than the best of them', () => {
    expect(lead(controlled([90, 30], [60, 50], [20, 95]))).toBeCloseTo(0.6 - 0.1, 12);
  });

  test('and the study names the setting that does so by the widest margin on all nets', () => {
    const studied = (rows: readonly MaskedRow[]): StudiedNet => ({
      name: 'one',
      paper,
      settings: rows.map((row, i) => ({
        ...{ rule: i === 0 ? 'guided' : 'gradient', seed: 'positive', reduction: 'sum', contrast: i === 2 },
        table: { full: shareOf(99, 100), rows: [row] },
      })) as StudiedSetting[],
    });
    const rows = [
      controlled([99, 1], [95, 10]),
      controlled([85, 35], [60, 50]),
      controlled([90, 30], [50, 60]),
    ];
    expect(mostTelling([studied(rows)])).toMatchObject({ rule: 'gradient', contrast: true });
    expect(mostTelling([studied(rows), studied(rows.slice().reverse())])).toMatchObject({
      rule: 'gradient',
      contrast: false,
    });
    expect(mostTelling([studied(rows.slice(0, 1))])).toBeUndefined();
  });
});
