import {
  ColormapError,
  classColor,
  classHex,
  classPalette,
  type PaletteName,
  paletteNames,
  paletteOfSome,
} from '@clearmaps/colormap';
import {
  converter,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  parse,
} from 'culori';
import { describe, expect, test } from 'vitest';

const hexes = (count: number, name: PaletteName): string[] => {
  const palette = classPalette(count, name);
  return Array.from({ length: count }, (_, c) => classHex(palette, c));
};

test('ten classes get evenly spaced hues at full saturation and value, class 0 red', () => {
  const toHsv = converter('hsv');
  hexes(10, 'hues').forEach((hex, c) => {
    const { h = 0, s, v } = toHsv(parse(hex)!);
    expect(h).toBeCloseTo(36 * c, 0);
    expect([s, v]).toEqual([1, 1]);
  });
});

test('colours at full strength of four classes are the hand-computed ones', () => {
  expect([...classPalette(4).colors]).toEqual([1, 0, 0, 0.5, 1, 0, 0, 1, 1, 0.5, 0, 1]);
});

test('hues is the palette unless told', () => {
  expect(classPalette(10)).toEqual(classPalette(10, 'hues'));
});

test('from thirteen classes on, a colour no longer depends on how many classes there are', () => {
  expect(hexes(1000, 'hues').slice(0, 13)).toEqual(hexes(13, 'hues'));
});

test('forty classes stay apart, however many of them there are', () => {
  const difference = differenceCiede2000();
  const colors = hexes(40, 'hues').map((hex) => parse(hex)!);
  for (const [i, color] of colors.entries()) {
    for (const other of colors.slice(0, i)) expect(difference(color, other)).toBeGreaterThan(9.5);
  }
});

test('some of a thousand classes have the colours of a model that has them alone, all others are grey', () => {
  const palette = paletteOfSome(1000, [151, 7, 999]);
  expect([151, 7, 999].map((c) => classHex(palette, c))).toEqual(hexes(3, 'hues'));
  expect(classHex(palette, 0)).toBe('#999999');
  expect(palette.count).toBe(1000);
  expect(() => paletteOfSome(10, [10])).toThrow('paletteOfSome: class: got 10; allowed: 0 to 9.');
});

describe.each(paletteNames)('palette %s', (name) => {
  const toLab = converter('lab');

  test.each([1, 2, 10, 12, 13, 50, 1000])('gives %i classes colours far from black', (count) => {
    const lightness = hexes(count, name).map((hex) => toLab(hex)!.l);
    expect(Math.min(...lightness)).toBeGreaterThan(28);
  });

  test('gives 120 classes 120 different colours', () => {
    expect(new Set(hexes(120, name)).size).toBe(120);
  });
});

const sights = {
  deuteranopia: filterDeficiencyDeuter(1),
  protanopia: filterDeficiencyProt(1),
  tritanopia: filterDeficiencyTrit(1),
};
const safe = [
  ['safe-ten', 10, 12],
  ['okabe-ito', 7, 10.5],
  ['tol-bright', 6, 10.5],
] as const;

describe.each(safe)('colour-blind-safe palette %s', (name, count, leastDistance) => {
  test.each(Object.keys(sights) as (keyof typeof sights)[])(
    `keeps ${count} classes apart under %s`,
    (kind) => {
      const seen = hexes(count, name).map((hex) => sights[kind](parse(hex)!));
      const difference = differenceCiede2000();
      for (const [i, color] of seen.entries()) {
        for (const other of seen.slice(0, i)) expect(difference(color, other)).toBeGreaterThan(leastDistance);
      }
    },
  );

  test('says so for as many classes as it has colours, and no further', () => {
    expect(classPalette(count, name).colorBlindSafe).toBe(true);
    expect(classPalette(count + 1, name).colorBlindSafe).toBe(false);
  });

  test('repeats its colours mixed with white, never with black', () => {
    const { colors } = classPalette(3 * count, name);
    for (let i = 0; i < count * 3; i++) {
      expect(colors[count * 3 + i]).toBeGreaterThanOrEqual(colors[i]!);
      expect(colors[count * 6 + i]).toBeGreaterThanOrEqual(colors[i]!);
    }
  });
});

test('hues does not claim to be safe for colour-blind people', () => {
  expect(classPalette(2, 'hues').colorBlindSafe).toBe(false);
});

test('the same class has the same CSS text and bytes', () => {
  const palette = classPalette(10, 'okabe-ito');
  expect(classHex(palette, 0)).toBe('#e69f00');
  expect(classColor(palette, 0)).toEqual([0xe6, 0x9f, 0x00]);
});

test('impossible palettes and classes are refused with what is allowed', () => {
  expect(() => classPalette(0)).toThrow(ColormapError);
  expect(() => classPalette(2.5)).toThrow('integers >= 1');
  expect(() => classPalette(3, 'rainbow' as PaletteName)).toThrow('allowed: hues, okabe-ito');
  expect(() => classPalette(3, 'toString' as PaletteName)).toThrow(ColormapError);
  expect(() => classColor(classPalette(3), 3)).toThrow('allowed: 0 to 2');
  expect(() => classColor(classPalette(3), -1)).toThrow(ColormapError);
});
