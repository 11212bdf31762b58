import { classPalette, createRaster, type Raster, type Rgb } from '@clearmaps/colormap';
import { composeSheet, type Panel, type ThemeName } from '@clearmaps/colormap/sheet';
import { expect, test } from 'vitest';
import { pixelAt } from './pixels.ts';

const MARGIN = 24;

const panels = (count: number, size = 28): Panel[] =>
  Array.from({ length: count }, (_, i) => ({ raster: createRaster(size, size), caption: `panel ${i}` }));

/** The pixels of a margin, which nothing may touch. */
function margins(sheet: Raster): Set<string> {
  const seen = new Set<string>();
  for (let y = 0; y < sheet.height; y++) {
    for (let x = 0; x < sheet.width; x++) {
      const inside = x >= MARGIN && y >= MARGIN && x < sheet.width - MARGIN && y < sheet.height - MARGIN;
      if (!inside) seen.add(String(pixelAt(sheet, x, y)));
    }
  }
  return seen;
}

test('four digits stand in a row, eight times as large, with border, gaps and margins', () => {
  const sheet = composeSheet({ title: 'mnist:42', panels: panels(4) });
  // 4 x (224 + 2 border) + 3 x 20 gap + 2 x 24 margin; title 26, gap 18, picture 226, gap 6, caption 18.
  expect([sheet.width, sheet.height]).toEqual([1012, 48 + 26 + 18 + 226 + 6 + 18]);
});

test.each([
  [1, 1],
  [5, 2],
  [6, 2],
  [9, 3],
  [12, 3],
])('%i panels wrap into %i even rows', (count, rows) => {
  const sheet = composeSheet({ title: 't', panels: panels(count), maxWidth: 4 * 226 + 3 * 20 });
  const rowHeight = 226 + 6 + 18;
  expect(sheet.height).toBe(48 + 26 + 18 + rows * rowHeight + (rows - 1) * 20);
});

test.each([
  // Two groups of three fit in a row, with the wider gap between them; one of four, although six panels would.
  [12, 3, 2, 2],
  [9, 3, 2, 2],
  [8, 4, 2, 1],
])(
  '%i panels that belong together by %i stand in %i rows of %i groups',
  (count, groupSize, rows, abreast) => {
    const across = (groups: number): number =>
      groups * (groupSize * 226 + (groupSize - 1) * 20) + (groups - 1) * 52;
    const sheet = composeSheet({
      title: 't',
      panels: panels(count),
      groupSize,
      maxWidth: 6 * 226 + 4 * 20 + 52,
    });
    expect(sheet.width).toBe(across(abreast) + 2 * MARGIN);
    expect(sheet.height).toBe(48 + 26 + 18 + rows * (226 + 6 + 18) + (rows - 1) * 20);
    const besideTheFirstGroup = [MARGIN + across(1) + 1, MARGIN + across(1) + 51].map((x) =>
      pixelAt(sheet, x, 150),
    );
    if (abreast > 1) expect(besideTheFirstGroup).toEqual([pixelAt(sheet, 0, 0), pixelAt(sheet, 0, 0)]);
  },
);

test('a panel shows its raster pixel by pixel, enlarged by a whole factor', () => {
  const raster = createRaster(2, 1, [10, 20, 30]);
  raster.data.set([200, 100, 50, 255], 4);
  const sheet = composeSheet({ title: 't', panels: [{ raster, caption: '' }], panelSize: 41 });
  const [x, y] = [MARGIN + 1, MARGIN + 26 + 18 + 1];
  expect(pixelAt(sheet, x, y)).toEqual([10, 20, 30]);
  expect(pixelAt(sheet, x + 19, y + 19)).toEqual([10, 20, 30]);
  expect(pixelAt(sheet, x + 20, y)).toEqual([200, 100, 50]);
  expect(pixelAt(sheet, x + 39, y + 19)).toEqual([200, 100, 50]);
  expect(pixelAt(sheet, x + 40, y)).not.toEqual([200, 100, 50]);
});

test('a picture larger than a panel is not shrunk', () => {
  const sheet = composeSheet({ title: 't', panels: panels(2, 300) });
  expect(sheet.width).toBe(2 * 302 + 20 + 2 * MARGIN);
});

test.each(['light', 'dark'] as ThemeName[])('black maps stand out from the %s background', (theme) => {
  const sheet = composeSheet({ title: 't', panels: panels(1), theme });
  const background = pixelAt(sheet, 0, 0) as unknown as Rgb;
  const border = pixelAt(sheet, MARGIN, MARGIN + 26 + 18);
  expect(new Set(background.map((channel) => Math.round(channel / 8))).size).toBe(1);
  expect(background[0]).toBeGreaterThan(40);
  expect(border[0]).toBeGreaterThan(100);
});

test('texts of any length stay within the margins', () => {
  const long = 'Explaining the unexplained '.repeat(60);
  const word = 'Llanfairpwllgwyngyll'.repeat(30);
  const sheet = composeSheet({
    title: long,
    subtitle: word,
    footnote: long,
    panels: [{ raster: createRaster(28, 28), caption: word, note: long }],
    legend: {
      palette: classPalette(3),
      classNames: [long, word, 'dog'],
      probabilities: [0.2, 0.3, 0.5],
    },
  });
  expect(margins(sheet)).toEqual(new Set(['250,250,250']));
});

test.each([2, 10, 120, 1000])('a sheet copes with a model of %i classes', (count) => {
  const sheet = composeSheet({
    title: 't',
    panels: panels(3),
    legend: {
      palette: classPalette(count),
      classNames: Array.from({ length: count }, (_, c) => `class ${c}`),
      probabilities: new Float32Array(count).fill(1 / count),
    },
  });
  expect(sheet.width).toBe(3 * 226 + 2 * 20 + 2 * MARGIN);
  expect(margins(sheet).size).toBe(1);
});

test('a sheet without panels, or of no size, is refused', () => {
  expect(() => composeSheet({ title: 't', panels: [] })).toThrow('number of panels');
  expect(() => composeSheet({ title: 't', panels: panels(1), panelSize: 0 })).toThrow('panelSize');
  expect(() => composeSheet({ title: 't', panels: panels(1), groupSize: 0 })).toThrow('groupSize');
  expect(() => composeSheet({ title: 't', panels: panels(1), theme: 'pink' as ThemeName })).toThrow(
    'light, dark',
  );
});
