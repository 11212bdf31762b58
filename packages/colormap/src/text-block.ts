import type { FaceName } from './glyphs.ts';
import { createRaster, type Raster, type Rgb } from './raster.ts';
import { drawText, wrapText } from './text.ts';

/** Pixels from one baseline to the next, and from the top of a line to its baseline. */
const LINES: Record<FaceName, { readonly height: number; readonly baseline: number }> = {
  body: { height: 18, baseline: 13 },
  strong: { height: 18, baseline: 13 },
  title: { height: 26, baseline: 19 },
};

/** Height of `count` lines in pixels. */
export function linesHeight(face: FaceName, count: number): number {
  return LINES[face].height * count;
}

/** The baseline, from the top of its line, in pixels. */
export function baselineOf(face: FaceName): number {
  return LINES[face].baseline;
}

export interface TextBlockOptions {
  readonly width: number;
  readonly face: FaceName;
  readonly maxLines: number;
  readonly color: Rgb;
  readonly background: Rgb;
}

/** A wrapped text as a raster `width` wide and as high as its lines, at least one. */
export function textBlock(text: string, options: TextBlockOptions): Raster {
  const { width, face, maxLines, color, background } = options;
  const lines = wrapText(text, width, face, maxLines);
  const raster = createRaster(width, linesHeight(face, Math.max(1, lines.length)), background);
  lines.forEach((line, i) => {
    drawText(raster, line, { x: 0, baseline: linesHeight(face, i) + baselineOf(face), face, color });
  });
  return raster;
}
