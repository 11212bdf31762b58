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
  return `Strong responses belong to ${parts.join(' and ')}; the strongest, for ${nameOf(dominantClass[strongest]!)}, lies in the ${place(strongest, width, height)}.`;
}

/**
 * What a map holds for the classes that are not the true one, as the sentence that a wrong decision calls for
 * (CLEAR, section 4.2): "strongest evidence: 5 in the lower left". Of the wrong classes the one with the largest sum
 * of positive dominant responses, at the place of its strongest pixel.
 *
 * @returns undefined where no pixel responds positively to a wrong class
 */
export function strongestEvidence(
  { dominantClass, dominantResponse, shape }: Explanation,
  classNames: readonly string[],
  trueClass: number,
): string | undefined {
  const [, height, width] = shape;
  const sums = new Map<number, number>();
  dominantResponse.forEach((value, pixel) => {
    const c = dominantClass[pixel]!;
    if (value > 0 && c !== trueClass) sums.set(c, (sums.get(c) ?? 0) + value);
  });
  const wrong = [...sums].sort((a, b) => b[1] - a[1])[0]?.[0];
  if (wrong === undefined) return undefined;
  let strongest = -1;
  dominantResponse.forEach((value, pixel) => {
    if (dominantClass[pixel] !== wrong) return;
    if (strongest < 0 || value > dominantResponse[strongest]!) strongest = pixel;
  });
  return `strongest evidence: ${firstName(classNames[wrong]!)} in the ${place(strongest, width, height)}`;
}

function place(pixel: number, width: number, height: number): string {
  const row = third(Math.floor(pixel / width), height, ['upper', 'middle', 'lower']);
  const column = third(pixel % width, width, ['left', 'centre', 'right']);
  return row === 'middle' && column === 'centre' ? column : `${row} ${column}`;
}

function third(at: number, size: number, names: readonly [string, string, string]): string {
  return names[Math.min(2, Math.floor((3 * at) / size))]!;
}
