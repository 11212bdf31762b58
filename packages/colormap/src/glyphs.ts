import { CHARACTERS, FACES, type FaceName } from './glyphs.generated.ts';

/** `body` 13 px regular, `strong` 13 px semi-bold, `title` 18 px semi-bold. */
export type { FaceName };

/** One character of one face, ready to be drawn. */
export interface Glyph {
  /** How far the pen moves, in pixels. */
  readonly advance: number;
  /** From the pen to the left edge of the bitmap, and from the baseline to its top (negative: above). */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Coverages 0..15, row-major, one bitmap for each share of a pixel that the pen may stand at. */
  readonly phases: readonly Uint8Array[];
}

const UNKNOWN = '□';
const decoded = new Map<FaceName, Map<string, Glyph>>();

/**
 * The glyph of a character. A letter with an accent that the atlas lacks is drawn as its base letter,
 * white space as a space, anything else unknown as a hollow box.
 */
export function glyph(face: FaceName, character: string): Glyph {
  let glyphs = decoded.get(face);
  if (!glyphs) {
    glyphs = decodeFace(face);
    decoded.set(face, glyphs);
  }
  const plain = /\s/u.test(character) ? ' ' : character.normalize('NFD').charAt(0);
  return glyphs.get(character) ?? glyphs.get(plain) ?? glyphs.get(UNKNOWN)!;
}

function decodeFace(face: FaceName): Map<string, Glyph> {
  const { glyphs, phases } = FACES[face];
  const bytes = Uint8Array.from(atob(glyphs), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const entries = Array.from(CHARACTERS, (character): [string, Glyph] => {
    const advance = view.getUint16(at, true) / 64;
    const left = view.getInt8(at + 2);
    const top = view.getInt8(at + 3);
    const width = bytes[at + 4]!;
    const height = bytes[at + 5]!;
    const area = width * height;
    const nibbles = Uint8Array.from({ length: area * phases }, (_, i) => {
      const pair = bytes[at + 6 + (i >> 1)]!;
      return i % 2 === 0 ? pair >> 4 : pair & 15;
    });
    at += 6 + Math.ceil((area * phases) / 2);
    const bitmaps = Array.from({ length: phases }, (_, p) => nibbles.subarray(p * area, (p + 1) * area));
    return [character, { advance, left, top, width, height, phases: bitmaps }];
  });
  return new Map(entries);
}
