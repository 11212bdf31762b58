import type { Raster } from '@clearmaps/colormap';

/** Red, green and blue of each pixel, row-major. */
export function pixels({ data, width, height }: Raster): number[][] {
  return Array.from({ length: width * height }, (_, i) => [...data.subarray(4 * i, 4 * i + 3)]);
}

export function pixelAt({ data, width }: Raster, x: number, y: number): number[] {
  return [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)];
}
