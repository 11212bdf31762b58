import type { Explanation } from '@clearmaps/deconvnet/graph';

/** One class at one pixel. */
export interface ClassResponse {
  /** Index in the model's class list. */
  readonly classIndex: number;
  readonly className: string;
  /** R(x|c), signed and unscaled. */
  readonly response: number;
}

/** What an explanation says of one pixel. */
export interface PixelReading {
  /** Column, from the left. */
  readonly x: number;
  /** Row, from the top. */
  readonly y: number;
  /** The classes that take part, the strongest first; the explanation's order where they are equal. */
  readonly responses: readonly ClassResponse[];
  /** The first of them; absent where no class takes part. */
  readonly winner?: ClassResponse;
  /** By how much it leads the next one; absent with fewer than two. */
  readonly margin?: number;
}

/** Reads the first image of an explanation at one pixel. */
export function readPixel(
  { shape, classes, maps }: Pick<Explanation, 'shape' | 'classes' | 'maps'>,
  {
    x,
    y,
    shown,
    classNames,
  }: { x: number; y: number; shown: readonly number[]; classNames: readonly string[] },
): PixelReading {
  const [, height, width] = shape;
  const responses = classes
    .map((classIndex, row) => ({
      classIndex,
      className: classNames[classIndex] ?? String(classIndex),
      response: maps[(row * height + y) * width + x]!,
    }))
    .filter(({ classIndex }) => shown.includes(classIndex))
    .sort((a, b) => b.response - a.response);
  const [winner, next] = responses;
  return { x, y, responses, winner, margin: winner && next && winner.response - next.response };
}
