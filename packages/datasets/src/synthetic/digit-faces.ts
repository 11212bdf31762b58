import { DIGIT_OUTLINES, FACE_NAMES } from './digit-outlines.generated.ts';
import { STROKE_FACES } from './stroke-digits.ts';

/** The box of one digit, in units of the height of the face's tallest digit; x to the right, y upwards. */
export interface DigitBox {
  readonly width: number;
  readonly height: number;
  /** From the pen to the box. */
  readonly leftBearing: number;
  /** From the box to the next pen. */
  readonly rightBearing: number;
  /** Of the box, over the baseline. */
  readonly bottom: number;
}

/** One digit of a font. */
export interface DigitOutline extends DigitBox {
  /** Flat x, y pairs of closed polylines, from the left bottom corner of the digit's box. */
  readonly contours: readonly Float32Array[];
}

/**
 * The names of all faces: FAMILY-WEIGHT or FAMILY-WEIGHT-italic, as Fontsource writes them, for those taken from
 * fonts, and `stroke-...` for those that this package draws itself.
 */
export const houseNumberFonts: readonly string[] = [...FACE_NAMES, ...STROKE_FACES];

let decoded: ReadonlyMap<string, readonly DigitOutline[]> | undefined;

/** The ten digits of a font's face. */
export function digitsOfFace(name: string): readonly DigitOutline[] {
  decoded ??= decode();
  return decoded.get(name)!;
}

function decode(): Map<string, DigitOutline[]> {
  const text = atob(DIGIT_OUTLINES);
  const bytes = new Uint8Array(text.length);
  // A tenth of the time of `Uint8Array.from` with a function, and pages wait for it.
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const digit = (units: number): DigitOutline => {
    const leftBearing = view.getInt8(at) / units;
    const rightBearing = view.getInt8(at + 1) / units;
    const bottom = view.getInt8(at + 2) / units;
    const count = bytes[at + 3]!;
    at += 4;
    let width = 0;
    let height = 0;
    const contours = Array.from({ length: count }, () => {
      const points = bytes[at]!;
      const contour = new Float32Array(bytes.subarray(at + 1, at + 1 + 2 * points)).map(
        (value) => value / units,
      );
      at += 1 + 2 * points;
      for (let i = 0; i < contour.length; i += 2) {
        width = Math.max(width, contour[i]!);
        height = Math.max(height, contour[i + 1]!);
      }
      return contour;
    });
    return { contours, width, height, leftBearing, rightBearing, bottom };
  };
  return new Map(
    FACE_NAMES.map((name) => {
      const units = bytes[at++]!;
      return [name, Array.from({ length: 10 }, () => digit(units))];
    }),
  );
}
