import { ColormapError, classPalette, clearMap, paletteNames } from '@clearmaps/colormap';
import { converter } from 'culori';
import { expect, test } from 'vitest';
import { pixels } from './pixels.ts';
import { random } from './random.ts';

const palette = classPalette(3);

test('a CLEAR map is the hue of the dominant class at the brightness of its response', () => {
  const map = clearMap({
    dominantClass: Int32Array.of(0, 1, 2, 1),
    dominantResponse: Float32Array.of(4, 2, 1, -5),
    width: 2,
    height: 2,
    palette,
  });
  expect(map).toMatchObject({ width: 2, height: 2 });
  expect([...map.data]).toEqual([255, 0, 0, 255, 0, 128, 0, 255, 0, 0, 64, 255, 0, 0, 0, 255]);
});

test('with hues, every pixel is what culori makes of H = F(class), S = 1, V = D', () => {
  const next = random(17);
  const toRgb = converter('rgb');
  const dominantClass = Int32Array.from({ length: 500 }, () => Math.floor(next() * 10));
  const dominantResponse = Float32Array.from({ length: 500 }, next);
  const most = Math.max(...dominantResponse);
  const map = clearMap({ dominantClass, dominantResponse, width: 50, height: 10, palette: classPalette(10) });
  pixels(map).forEach((pixel, i) => {
    const { r, g, b } = toRgb({
      mode: 'hsv',
      h: 36 * dominantClass[i]!,
      s: 1,
      v: dominantResponse[i]! / most,
    });
    [r, g, b].forEach((channel, at) => {
      expect(Math.abs(pixel[at]! - 255 * channel)).toBeLessThanOrEqual(0.501);
    });
  });
});

test('a map in which nothing is positive is black in every palette', () => {
  for (const name of paletteNames) {
    const map = clearMap({
      dominantClass: Int32Array.of(0, 1, 2),
      dominantResponse: Float32Array.of(0, -1, 0),
      width: 3,
      height: 1,
      palette: classPalette(3, name),
    });
    expect(pixels(map)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  }
});

test('a class keeps its colour when the other classes disappear from the picture', () => {
  const all = { width: 3, height: 1, palette: classPalette(40, 'safe-ten') };
  const dominantResponse = Float32Array.of(1, 1, 1);
  const many = clearMap({ ...all, dominantClass: Int32Array.of(37, 2, 11), dominantResponse });
  const alone = clearMap({ ...all, dominantClass: Int32Array.of(37, 37, 37), dominantResponse });
  expect(pixels(many)[0]).toEqual(pixels(alone)[2]);
  expect(pixels(many)[0]).not.toEqual(pixels(many)[1]);
});

test('scale and gamma reach the brightness', () => {
  const options = {
    dominantClass: Int32Array.of(0, 0, 1),
    dominantResponse: Float32Array.of(1, 4, 1),
    width: 3,
    height: 1,
    palette,
  };
  expect(pixels(clearMap({ ...options, scale: 'per-class' }))[2]).toEqual([0, 255, 0]);
  expect(pixels(clearMap({ ...options, gamma: 0.5 }))[0]).toEqual([128, 0, 0]);
  expect(pixels(clearMap({ ...options, scale: { fixed: 1 } }))[0]).toEqual([255, 0, 0]);
});

test('classes that nobody asked for are grey', () => {
  const map = clearMap({
    dominantClass: Int32Array.of(-1, -1),
    dominantResponse: Float32Array.of(5, 1),
    width: 2,
    height: 1,
    palette,
  });
  expect([...map.data]).toEqual([153, 153, 153, 255, 31, 31, 31, 255]);
});

test('wrong sizes, unknown classes and NaN are refused', () => {
  const good = {
    dominantClass: Int32Array.of(0, 1),
    dominantResponse: Float32Array.of(1, 2),
    width: 2,
    height: 1,
    palette,
  };
  expect(() => clearMap({ ...good, width: 3 })).toThrow('got 2 values; allowed: 3 values');
  expect(() => clearMap({ ...good, width: 0 })).toThrow(ColormapError);
  expect(() => clearMap({ ...good, dominantClass: Int32Array.of(0, 3) })).toThrow('class 3 at pixel 1');
  expect(() => clearMap({ ...good, dominantClass: Int32Array.of(-2, 0) })).toThrow('class -2 at pixel 0');
  expect(() => clearMap({ ...good, dominantResponse: Float32Array.of(Number.NaN, 0) })).toThrow('NaN');
});
