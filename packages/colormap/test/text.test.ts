import { createRaster, type Raster } from '@clearmaps/colormap';
import { drawText, ellipsize, measureText, wrapText } from '@clearmaps/colormap/sheet';
import { expect, test } from 'vitest';
import { pixelAt } from './pixels.ts';

/** Left, top, right, bottom of all pixels that are not white. */
function ink(raster: Raster): number[] {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let y = 0; y < raster.height; y++) {
    for (let x = 0; x < raster.width; x++) {
      if (pixelAt(raster, x, y)[0] === 255) continue;
      xs.push(x);
      ys.push(y);
    }
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function drawn(text: string, x = 10): Raster {
  const raster = createRaster(120, 40, [255, 255, 255]);
  drawText(raster, text, { x, baseline: 25, face: 'body', color: [0, 0, 0] });
  return raster;
}

test('a capital stands on the baseline and within its measured width', () => {
  const [left, top, right, bottom] = ink(drawn('H'));
  expect(bottom).toBe(24);
  // Inter's capitals are 0.727 em high, 9.5 px of 13, and hinted to whole pixels.
  expect(top).toBe(16);
  expect(left).toBeGreaterThanOrEqual(10);
  expect(right).toBeLessThan(10 + measureText('H', 'body'));
});

test('text is anti-aliased: curves have greys between black and white', () => {
  const raster = drawn('SOS');
  const greys = new Set([...raster.data].filter((_, i) => i % 4 === 0));
  expect(greys.size).toBeGreaterThan(8);
  expect(greys).toContain(255);
});

test('half a pixel further right is another picture, a whole pixel the same one shifted', () => {
  expect(drawn('l', 10.5).data).not.toEqual(drawn('l', 10).data);
  const [left, top, right, bottom] = ink(drawn('l', 10)) as [number, number, number, number];
  expect(ink(drawn('l', 11))).toEqual([left + 1, top, right + 1, bottom]);
});

test('what lies outside the raster is left out and does not come in on the other side', () => {
  const narrow = createRaster(20, 40, [255, 255, 255]);
  drawText(narrow, 'HHHH', { x: 0, baseline: 25, face: 'body', color: [0, 0, 0] });
  const wide = createRaster(80, 40, [255, 255, 255]);
  drawText(wide, 'HHHH', { x: 0, baseline: 25, face: 'body', color: [0, 0, 0] });
  for (let y = 0; y < 40; y++) {
    for (let x = 0; x < 20; x++) expect(pixelAt(narrow, x, y)).toEqual(pixelAt(wide, x, y));
  }
});

test('all of ASCII, Latin-1 and the symbols of a sheet have glyphs of their own', () => {
  const box = drawn('□').data;
  const codePoints = [...Array(0xff - 0xa0).keys()].map((i) => 0xa1 + i).filter((code) => code !== 0xad);
  const latin = [...Array(0x7e - 0x20).keys()].map((i) => 0x21 + i).concat(codePoints);
  for (const character of [...String.fromCodePoint(...latin), ...'–—…·≥≤×−→✓✗“”']) {
    const picture = drawn(character).data;
    expect(picture, character).not.toEqual(box);
    expect(picture, character).not.toEqual(drawn(' ').data);
  }
});

test('an unknown accent falls away and an unknown letter becomes a box', () => {
  expect(drawn('Š').data).toEqual(drawn('S').data);
  expect(drawn('e\u0301').data).toEqual(drawn('é').data);
  expect(drawn('犬').data).toEqual(drawn('□').data);
  expect(drawn('🐕').data).toEqual(drawn('□').data);
  expect(drawn('a\tb').data).toEqual(drawn('a b').data);
});

test('a text that fits stays, a longer one ends in an ellipsis within the width', () => {
  const name = 'soft-coated Wheaten terrier';
  const width = measureText(name, 'body');
  expect(ellipsize(name, width, 'body')).toBe(name);
  const short = ellipsize(name, width - 1, 'body');
  expect(short).toMatch(/^soft-coated Wheaten ter.*…$/);
  expect(measureText(short, 'body')).toBeLessThanOrEqual(width - 1);
  expect(ellipsize(name, measureText('soft-coated …', 'body'), 'body')).toBe('soft-coated…');
});

test('wrapping breaks at spaces, keeps every word, and keeps to the width', () => {
  const text = 'hue is the dominant class, brightness is how strongly it responds';
  const lines = wrapText(text, 120, 'body', 10);
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.join(' ')).toBe(text);
  for (const line of lines) expect(measureText(line, 'body')).toBeLessThanOrEqual(120);
});

test('the last line takes what is left and ends in an ellipsis', () => {
  const lines = wrapText('one two three four five six seven eight', 60, 'body', 2);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe('one two');
  expect(lines[1]).toMatch(/^three.*…$/);
});

test('a word longer than a line is cut, the words after it are not', () => {
  expect(wrapText('Donaudampfschifffahrt ahoi', 60, 'body', 3)).toEqual([
    expect.stringMatching(/^Donau.*…$/),
    'ahoi',
  ]);
});

test('two spaces in a title stay two, and an empty text has no lines', () => {
  expect(wrapText('mnist:42  true 5', 400, 'title', 2)).toEqual(['mnist:42  true 5']);
  const share = 'Maltese dog (98.8\u00a0%)';
  expect(wrapText(share, measureText(share, 'body') - 1, 'body', 2)).toEqual([
    'Maltese dog',
    '(98.8\u00a0%)',
  ]);
  expect(wrapText('  ', 400, 'title', 2)).toEqual([]);
});
