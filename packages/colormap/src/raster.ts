import { requireInteger } from './checks.ts';
import { ColormapError } from './errors.ts';

/** Red, green, blue, each an integer 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * A picture of opaque or transparent pixels: RGBA, 0..255, row-major, so `data.length` is
 * width * height * 4. Has the fields of the browser's `ImageData`:
 * `new ImageData(raster.data, raster.width)`.
 */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** An opaque raster of one colour, black unless told. @throws ColormapError on sizes that are not positive integers. */
export function createRaster(width: number, height: number, color: Rgb = [0, 0, 0]): Raster {
  requireInteger(width, 1, 'raster width');
  requireInteger(height, 1, 'raster height');
  const raster = { width, height, data: new Uint8ClampedArray(width * height * 4) };
  fillRect(raster, { x: 0, y: 0, width, height, color });
  return raster;
}

/** A rectangle in pixels from the top left corner. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Paints an opaque rectangle, of which nothing may lie outside the raster. @throws ColormapError */
export function fillRect(raster: Raster, { color, ...rectangle }: Rectangle & { readonly color: Rgb }): void {
  requireInside(raster, rectangle, 'fillRect');
  const { x, y, width, height } = rectangle;
  if (height === 0) return;
  const start = (row: number): number => row * raster.width + x;
  for (let i = start(y); i < start(y) + width; i++) setPixel(raster, i, color);
  const [from, to] = [4 * start(y), 4 * (start(y) + width)];
  // Rows after the first as a whole: pixel by pixel a sheet took longer to paint than its maps to compute.
  for (let row = y + 1; row < y + height; row++) raster.data.copyWithin(4 * start(row), from, to);
}

/** Paints one opaque pixel; `index` is row * width + column. */
export function setPixel({ data }: Raster, index: number, [red, green, blue]: Rgb): void {
  data[4 * index] = red;
  data[4 * index + 1] = green;
  data[4 * index + 2] = blue;
  data[4 * index + 3] = 255;
}

/** Copies `source`, alpha included, with its top left corner to (x, y); it must fit. @throws ColormapError */
export function blit(target: Raster, source: Raster, x: number, y: number): void {
  requireInside(target, { x, y, width: source.width, height: source.height }, 'blit');
  for (let row = 0; row < source.height; row++) {
    const from = row * source.width * 4;
    target.data.set(source.data.subarray(from, from + source.width * 4), ((y + row) * target.width + x) * 4);
  }
}

/** Each pixel becomes a square of `factor` by `factor` pixels. @throws ColormapError unless factor is an integer >= 1. */
export function enlarge(raster: Raster, factor: number): Raster {
  requireInteger(factor, 1, 'enlargement factor');
  return resizeNearest(raster, raster.width * factor, raster.height * factor);
}

/** Any size by nearest neighbour: a pixel shows what lies under its centre. @throws ColormapError */
export function resizeNearest(raster: Raster, width: number, height: number): Raster {
  const resized = createRaster(width, height);
  const from = new Uint32Array(raster.data.slice().buffer);
  const to = new Uint32Array(resized.data.buffer);
  const columns = Array.from({ length: width }, (_, x) => Math.floor(((x + 0.5) * raster.width) / width));
  for (let y = 0; y < height; y++) {
    const sourceRow = Math.floor(((y + 0.5) * raster.height) / height) * raster.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[sourceRow + columns[x]!]!;
  }
  return resized;
}

function requireInside(raster: Raster, { x, y, width, height }: Rectangle, asked: string): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && x >= 0 && y >= 0 && x + width <= raster.width && y + height <= raster.height) return;
  throw new ColormapError({
    asked,
    got: `${width}x${height} at (${x}, ${y})`,
    allowed: `whole pixels within ${raster.width}x${raster.height}`,
  });
}
