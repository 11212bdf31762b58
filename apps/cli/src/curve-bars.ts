import { createRaster, fillRect, type Raster, type Rgb } from '@clearmaps/colormap';

const PAPER: Rgb = [255, 255, 255];
const BAR: Rgb = [0, 114, 178];
const LINE: Rgb = [150, 150, 156];
/** Of the height: what a share of 1 takes, so that a little more still shows. */
const UNCHANGED = 0.8;

/** Shares as bars from left to right, square; the line is at 1. What is negative or not finite has no bar. */
export function curveBars(shares: readonly number[], size: number): Raster {
  const raster = createRaster(size, size, PAPER);
  const pitch = size / shares.length;
  for (const [i, share] of shares.entries()) {
    const height = Math.round(
      Math.min(1, Math.max(0, (Number.isFinite(share) ? share : 0) * UNCHANGED)) * size,
    );
    const x = Math.round(i * pitch);
    const width = Math.max(1, Math.round((i + 1) * pitch) - x - 1);
    if (height > 0) fillRect(raster, { x, y: size - height, width, height, color: BAR });
  }
  fillRect(raster, { x: 0, y: Math.round((1 - UNCHANGED) * size), width: size, height: 1, color: LINE });
  return raster;
}
