import { firstName } from '@clearmaps/colormap/sheet';
import type { Explanation } from '@clearmaps/deconvnet';

/** From this share of the strongest pixel on, a pixel counts as strongly coloured. */
const STRONG = 0.25;

/**
 * One sentence on what a CLEAR map shows, computed: which classes colour its strong pixels, and where the
 * strongest one lies.
 */
export function readMap(
  { dominantClass, dominantResponse, shape }: Explanation,
  classNames: readonly string[],
): string {
  const [, height, width] = shape;
  const strongest = dominantResponse.reduce(
    (best, value, pixel) => (value > dominantResponse[best]! ? pixel : best),
    0,
  );
  const most = dominantResponse[strongest]!;
  if (most <= 0) return 'No pixel responds positively to any class.';
  const weight = new Map<number, number>();
  let total = 0;
  dominantResponse.forEach((value, pixel) => {
    if (value < STRONG * most) return;
    const c = dominantClass[pixel]!;
    weight.set(c, (weight.get(c) ?? 0) + value);
    total += value;
  });
  const nameOf = (c: number): string => (c < 0 ? 'other classes' : firstName(classNames[c]!));
  const shares = [...weight].sort((a, b) => b[1] - a[1]).slice(0, 2);
  const parts = shares.map(([c, w]) => `${nameOf(c)} (${Math.round((100 * w) / total)} %)`);
  const place = `${third(Math.floor(strongest / width), height, ['upper', 'middle', 'lower'])} ${third(strongest % width, width, ['left', 'centre', 'right'])}`;
  return `Strong responses belong to ${parts.join(' and ')}; the strongest, for ${nameOf(dominantClass[strongest]!)}, lies in the ${place}.`;
}

function third(at: number, size: number, names: readonly [string, string, string]): string {
  return names[Math.min(2, Math.floor((3 * at) / size))]!;
}
