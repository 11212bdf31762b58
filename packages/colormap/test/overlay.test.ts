import { createRaster, overlay } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { pixels } from './pixels.ts';

const white = createRaster(1, 1, [255, 255, 255]);

test('where the map is black the dimmed picture shows through in grey', () => {
  expect(pixels(overlay({ picture: white, map: createRaster(1, 1) }))).toEqual([[128, 128, 128]]);
  const green = createRaster(1, 1, [0, 255, 0]);
  expect(pixels(overlay({ picture: green, map: createRaster(1, 1), dim: 1 }))).toEqual([[182, 182, 182]]);
});

test('at full strength and opacity the map hides the picture', () => {
  const map = createRaster(1, 1, [255, 128, 0]);
  expect(pixels(overlay({ picture: white, map, opacity: 1 }))).toEqual([[255, 128, 0]]);
});

test('in between, the picture fades as the map grows stronger', () => {
  const map = createRaster(1, 1, [0, 102, 0]);
  // V = 0.4, hidden 0.2: grey 255 * 0.5 * 0.8 = 102, plus map * 0.5.
  expect(pixels(overlay({ picture: white, map, opacity: 0.5 }))).toEqual([[102, 153, 102]]);
});

test('opacity zero leaves the picture alone', () => {
  const map = createRaster(1, 1, [255, 0, 0]);
  expect(pixels(overlay({ picture: white, map, opacity: 0, dim: 1 }))).toEqual([[255, 255, 255]]);
});

test('different sizes and options out of range are refused', () => {
  const map = createRaster(1, 1);
  expect(() => overlay({ picture: createRaster(2, 1), map })).toThrow('resizeNearest');
  expect(() => overlay({ picture: white, map, opacity: 2 })).toThrow('opacity');
  expect(() => overlay({ picture: white, map, dim: -1 })).toThrow('dim');
});
