import type { Decision } from './score-images.ts';

/** One digit of the gallery: which, and what the reader is told of it. */
export interface GalleryPick extends Decision {
  /** Not known to be among the images that the net was trained on. */
  readonly heldOut: boolean;
}

/**
 * A right and a wrong decision for every class that has one. The rule, so that nothing is picked by hand: the
 * first in index order, among the held-out images; where the net errs on none of a class there, the first
 * wrong one among those it was trained on, and it is marked so.
 *
 * @param heldOut indices; undefined where it is not known which images the net was trained on
 */
export function chooseGallery(
  decisions: readonly Decision[],
  heldOut: ReadonlySet<number> | undefined,
  classCount: number,
): GalleryPick[] {
  const inOrder = [...decisions].sort((a, b) => a.index - b.index);
  const unseen = (index: number): boolean => heldOut?.has(index) ?? true;
  const picks: GalleryPick[] = [];
  for (let c = 0; c < classCount; c++) {
    for (const right of [true, false]) {
      const fits = inOrder.filter((d) => d.trueClass === c && (d.predicted === c) === right);
      const pick = fits.find(({ index }) => unseen(index)) ?? (right ? undefined : fits[0]);
      if (pick) picks.push({ ...pick, heldOut: unseen(pick.index) });
    }
  }
  return picks;
}
