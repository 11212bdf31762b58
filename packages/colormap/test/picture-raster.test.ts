import { pictureRaster } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { pixels } from './pixels.ts';

test('grey floats run from 0 to 1 and are clipped', () => {
  const raster = pictureRaster({ data: Float32Array.of(-1, 0, 0.5, 1, 7, 0.25), shape: [2, 3, 1] });
  expect(raster).toMatchObject({ width: 3, height: 2 });
  expect(pixels(raster).map(([red]) => red)).toEqual([0, 0, 128, 255, 255, 64]);
  expect(pixels(raster).every(([red, green, blue]) => red === green && green === blue)).toBe(true);
});

test('bytes keep their values, colours their order, and pixels are opaque', () => {
  const raster = pictureRaster({ data: Uint8Array.of(1, 2, 3, 250, 251, 252), shape: [1, 2, 3] });
  expect([...raster.data]).toEqual([1, 2, 3, 255, 250, 251, 252, 255]);
});

test('a range maps its ends to black and white', () => {
  const raster = pictureRaster({ data: Float32Array.of(-2, 0, 2), shape: [1, 3, 1], range: [-2, 2] });
  expect(pixels(raster).map(([red]) => red)).toEqual([0, 128, 255]);
});

test('wrong lengths, channel counts, ranges and NaN are refused', () => {
  const data = Float32Array.of(0, 1);
  expect(() => pictureRaster({ data, shape: [1, 1, 2] })).toThrow('1 or 3');
  expect(() => pictureRaster({ data, shape: [1, 1, 1] })).toThrow('2 values');
  expect(() => pictureRaster({ data, shape: [1, 2, 1], range: [1, 1] })).toThrow('range');
  expect(() => pictureRaster({ data: Float32Array.of(Number.NaN), shape: [1, 1, 1] })).toThrow('NaN');
});
