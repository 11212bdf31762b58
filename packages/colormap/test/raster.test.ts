import { blit, createRaster, enlarge, fillRect, resizeNearest } from '@clearmaps/colormap';
import { expect, test } from 'vitest';
import { pixels } from './pixels.ts';
import { random } from './random.ts';

function checker() {
  const raster = createRaster(2, 1);
  fillRect(raster, { x: 1, y: 0, width: 1, height: 1, color: [9, 8, 7] });
  return raster;
}

test.each([
  { width: 2, height: 3, painted: [5, 6, 9, 10, 13, 14] },
  { width: 3, height: 0, painted: [] },
  { width: 0, height: 3, painted: [] },
])('a rectangle of $width x $height paints its own pixels alone', ({ width, height, painted }) => {
  const raster = createRaster(4, 4);
  fillRect(raster, { x: 1, y: 1, width, height, color: [9, 8, 7] });
  const expected = Array.from({ length: 16 }, (_, i) => (painted.includes(i) ? [9, 8, 7] : [0, 0, 0]));
  expect(pixels(raster)).toEqual(expected);
});

test('a new raster is opaque and of one colour', () => {
  expect([...createRaster(2, 1, [1, 2, 3]).data]).toEqual([1, 2, 3, 255, 1, 2, 3, 255]);
});

test('each pixel is enlarged to a square', () => {
  const large = enlarge(checker(), 2);
  expect(large).toMatchObject({ width: 4, height: 2 });
  expect(pixels(large).map(([red]) => red)).toEqual([0, 0, 9, 9, 0, 0, 9, 9]);
});

test('resizing to a fraction undoes an enlargement', () => {
  const next = random(5);
  const raster = createRaster(7, 5);
  raster.data.forEach((_, i) => {
    raster.data[i] = 256 * next();
  });
  expect(resizeNearest(enlarge(raster, 3), 7, 5)).toEqual(raster);
});

test('nearest neighbours are those under the centre of the new pixel', () => {
  const three = createRaster(3, 1);
  [10, 20, 30].forEach((value, x) => {
    fillRect(three, { x, y: 0, width: 1, height: 1, color: [value, 0, 0] });
  });
  expect(pixels(resizeNearest(three, 2, 1)).map(([red]) => red)).toEqual([10, 30]);
  expect(pixels(resizeNearest(three, 5, 1)).map(([red]) => red)).toEqual([10, 10, 20, 30, 30]);
});

test('a blit copies to its place and leaves the rest', () => {
  const target = createRaster(3, 2, [1, 1, 1]);
  blit(target, checker(), 1, 1);
  expect(pixels(target).map(([red]) => red)).toEqual([1, 1, 1, 1, 0, 9]);
});

test('what does not fit is refused and not clipped', () => {
  const target = createRaster(2, 2);
  expect(() => blit(target, checker(), 1, 0)).toThrow('2x1 at (1, 0)');
  expect(() => blit(target, checker(), 0, -1)).toThrow('within 2x2');
  expect(() => blit(target, checker(), 0, 0.5)).toThrow('whole pixels');
  expect(() => fillRect(target, { x: 0, y: 0, width: 1, height: 3, color: [0, 0, 0] })).toThrow('fillRect');
  expect(() => createRaster(0, 2)).toThrow('raster width');
  expect(() => enlarge(target, 1.5)).toThrow('enlargement factor');
});
