import { classColor, classPalette, type Raster } from '@clearmaps/colormap';
import { legend } from '@clearmaps/colormap/sheet';
import { expect, test } from 'vitest';
import { pixelAt, pixels } from './pixels.ts';

const palette = classPalette(10);
const classNames = [...'0123456789'];

test('a swatch shows the colour that the class has in the maps, whichever classes are listed', () => {
  const all = legend({ palette, classNames, width: 240, probabilities: new Float32Array(10) });
  const two = legend({ palette, classNames, width: 240, classes: [7, 3] });
  expect(pixelAt(all, 6, 7 * 20 + 10)).toEqual(classColor(palette, 7));
  expect(pixelAt(two, 6, 10)).toEqual(classColor(palette, 7));
});

test('bars are as long as their probabilities and read down the columns', () => {
  const probabilities = [1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0];
  const raster = legend({ palette, classNames, width: 240, probabilities });
  const barLength = (row: number, c: number): number => {
    const [red, green, blue] = classColor(palette, c);
    const line = pixels(raster).slice((row * 20 + 10) * 240 + 20, (row * 20 + 11) * 240);
    return line.filter((pixel) => pixel[0] === red && pixel[1] === green && pixel[2] === blue).length;
  };
  // Two columns need more than 240 pixels, so that all ten stand in one; a frame takes two pixels.
  expect(raster.height).toBe(200);
  expect((barLength(0, 0) + 2) / (barLength(1, 1) + 2)).toBeCloseTo(2, 1);
  expect(barLength(2, 2)).toBe(0);
});

test('a probability that exceeds 1 by the rounding of a softmax is drawn as 1', () => {
  const drawn = (certain: number) =>
    legend({ palette, classNames, probabilities: [certain, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
  expect(drawn(1 + 2 ** -23)).toEqual(drawn(1));
});

test('names alone stand side by side as far as the width goes', () => {
  expect(legend({ palette, classNames, width: 640 })).toMatchObject({ width: 640, height: 20 });
  expect(legend({ palette, classNames, width: 240 }).height).toBeGreaterThan(20);
});

test('a thousand classes with long names make a legend of the asked width', () => {
  const names = Array.from({ length: 1000 }, (_, c) => `${c} ${'a very long name '.repeat(c % 7)}`);
  const large = { palette: classPalette(1000), classNames: names };
  const raster = legend({ ...large, width: 900 });
  expect(raster.width).toBe(900);
  // Three columns of 240 pixels with their gaps fit in 900.
  expect(raster.height).toBe(Math.ceil(1000 / 3) * 20);
  const limited = legend({ ...large, width: 900, classes: [151, 7, 999] });
  expect(limited.height).toBe(20 + 4 + 18);
});

test('the others are a last, grey entry, in place of the line that counts them', () => {
  const raster = legend({ palette, classNames, width: 240, classes: [7, 3], others: { name: 'others' } });
  expect(raster.height).toBe(20);
  const greys = pixels(raster).filter((pixel) => String(pixel) === '153,153,153');
  expect(greys.length).toBeGreaterThanOrEqual(100);
});

test('classes in the maps but not in the list, and classes left out of the maps, are told apart', () => {
  const base = { palette, classNames, classes: [7, 3] };
  const line = (options: { mapped?: readonly number[] }): Raster => legend({ ...base, ...options });
  const all = Array.from({ length: 10 }, (_, c) => c);
  // The maps of these two alone; of all ten; of five.
  const drawn = [line({}), line({ mapped: all }), line({ mapped: [1, 2, 3, 7, 9] })];
  for (const { height } of drawn) expect(height).toBe(20 + 4 + 18);
  expect(new Set(drawn.map(({ data }) => String(data))).size).toBe(3);
  expect(line({ mapped: [3, 7] })).toEqual(line({}));
  expect(legend({ palette, classNames, classes: [...all].reverse(), mapped: all }).height).toBe(20);
  // The others stand for what is left out, not for what the list has no room for.
  expect(legend({ ...base, mapped: [3, 7, 9], others: { name: 'others' } }).height).toBe(20 + 4 + 18);
});

test('of synonyms the first is shown', () => {
  const drawn = (name: string) => legend({ palette: classPalette(1), classNames: [name] });
  expect(drawn('tench, Tinca tinca')).toEqual(drawn('tench'));
});

test('names and probabilities that do not match the palette are refused', () => {
  expect(() => legend({ palette, classNames: ['a'] })).toThrow('classNames');
  expect(() => legend({ palette, classNames, probabilities: [1] })).toThrow('probabilities');
  expect(() => legend({ palette, classNames, probabilities: new Array(10).fill(1.5) })).toThrow('class 0');
  expect(() => legend({ palette, classNames, classes: [10] })).toThrow('0 to 9');
  expect(() => legend({ palette, classNames, classes: [] })).toThrow('number of classes');
  expect(() => legend({ palette, classNames, width: 100 })).toThrow('>= 240');
});
