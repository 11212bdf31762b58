import { type FaceName, type Glyph, glyph } from './glyphs.ts';
import type { Raster, Rgb } from './raster.ts';

const ELLIPSIS = '…';
const FULL_COVERAGE = 15;

/** Combining marks have no glyph of their own: composed letters do, and the rest lose the mark. */
function characters(text: string): string[] {
  return Array.from(text.normalize('NFC')).filter((character) => !/\p{M}/u.test(character));
}

/** Width of a line in pixels, not rounded. */
export function measureText(text: string, face: FaceName): number {
  return characters(text).reduce((width, character) => width + glyph(face, character).advance, 0);
}

/** The text, or as much of its beginning as fits in `width` pixels with an ellipsis after it. */
export function ellipsize(text: string, width: number, face: FaceName): string {
  if (measureText(text, face) <= width) return text;
  const kept = characters(text);
  while (kept.length > 0 && measureText(kept.join('').trimEnd() + ELLIPSIS, face) > width) kept.pop();
  return kept.join('').trimEnd() + ELLIPSIS;
}

/**
 * Breaks a text at its spaces, but for no-break spaces, into at most `maxLines` lines of at most `width` pixels. What does not fit
 * ends in an ellipsis, on the last line or where a single word is too long. Several spaces in a row stay.
 */
export function wrapText(text: string, width: number, face: FaceName, maxLines: number): string[] {
  const words = text.trim().split(/(?!\u00a0)\s/u);
  const lines: string[] = [];
  while (words.length > 0 && lines.length < maxLines) {
    let line = words.shift()!;
    const last = lines.length === maxLines - 1;
    while (words.length > 0 && (last || measureText(`${line} ${words[0]}`, face) <= width)) {
      line += ` ${words.shift()}`;
    }
    if (line) lines.push(ellipsize(line.trimEnd(), width, face));
  }
  return lines;
}

export interface TextPlacement {
  /** Pen position in pixels: left end of the line, and the baseline (a whole pixel). */
  readonly x: number;
  readonly baseline: number;
  readonly face: FaceName;
  readonly color: Rgb;
}

/** Draws one line, blended into what is there; what lies outside the raster is not drawn. */
export function drawText(raster: Raster, text: string, { x, baseline, face, color }: TextPlacement): void {
  let pen = x;
  for (const character of characters(text)) {
    const drawn = glyph(face, character);
    drawGlyph(raster, drawn, { pen, baseline, color });
    pen += drawn.advance;
  }
}

function drawGlyph(
  { width, height, data }: Raster,
  drawn: Glyph,
  { pen, baseline, color }: { pen: number; baseline: number; color: Rgb },
): void {
  const steps = drawn.phases.length;
  const snapped = Math.round(pen * steps);
  const bitmap = drawn.phases[snapped % steps]!;
  const left = Math.floor(snapped / steps) + drawn.left;
  const top = baseline + drawn.top;
  for (let i = 0; i < bitmap.length; i++) {
    const x = left + (i % drawn.width);
    const y = top + Math.floor(i / drawn.width);
    if (bitmap[i] === 0 || x < 0 || y < 0 || x >= width || y >= height) continue;
    const alpha = bitmap[i]! / FULL_COVERAGE;
    const at = 4 * (y * width + x);
    for (let channel = 0; channel < 3; channel++) {
      data[at + channel] = data[at + channel]! * (1 - alpha) + color[channel]! * alpha;
    }
  }
}
