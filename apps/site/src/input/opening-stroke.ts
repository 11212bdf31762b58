import type { DrawingPad, PadPoint } from './drawing-pad.ts';

/** A three, in one stroke. */
const STROKE: readonly PadPoint[] = points(
  '78,82 92,58 122,44 156,46 182,64 188,92 176,118 150,132 122,136 152,138 182,152 198,178 196,208 174,232 140,240 104,234 78,212',
);
const MILLISECONDS = 1600;

/**
 * Draws a digit by itself, so that a map is seen before anything is asked of the visitor; at once where motion is
 * unwelcome.
 *
 * @param onDraw told after each step
 * @returns stops it
 */
export function drawOpeningStroke(pad: DrawingPad, onDraw: () => void): () => void {
  const path = smooth(STROKE);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const start = performance.now();
  let drawn = 0;
  let frame = 0;
  const end = (): void => {
    cancelAnimationFrame(frame);
    pad.lift();
    pad.markAsBorrowed();
  };
  const step = (now: number): void => {
    const share = still ? 1 : Math.min(1, Math.max(0, now - start) / MILLISECONDS);
    const until = Math.ceil(share * path.length);
    if (drawn === 0 && until > 0) pad.begin(path[drawn++]!);
    while (drawn < until) pad.lineTo(path[drawn++]!);
    onDraw();
    if (drawn < path.length) frame = requestAnimationFrame(step);
    else end();
  };
  frame = requestAnimationFrame(step);
  return end;
}

function points(text: string): PadPoint[] {
  return text.split(' ').map((pair) => {
    const [x, y] = pair.split(',').map(Number) as [number, number];
    return { x, y };
  });
}

/** Catmull-Rom: a curve through all points, ten steps from each to the next. */
function smooth(path: readonly PadPoint[]): PadPoint[] {
  const at = (i: number): PadPoint => path[Math.min(path.length - 1, Math.max(0, i))]!;
  const curve = (a: number, b: number, c: number, d: number, t: number): number =>
    b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  return path.flatMap((_, i) =>
    Array.from({ length: 10 }, (_, k) => {
      const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
      return { x: curve(a.x, b.x, c.x, d.x, k / 10), y: curve(a.y, b.y, c.y, d.y, k / 10) };
    }),
  );
}
