import { streamFor } from '@clearmaps/random';
import type { Decision } from '../score-images.ts';

/** The rule by which examples are chosen, for the report. */
export const CHOICE_RULE =
  'Examples are drawn by a seeded generator: of each class one right and one wrong decision, as far as there are any. None is picked by hand.';

/**
 * One right and one wrong decision of each class, drawn by {@link CHOICE_RULE}; undefined where there is none.
 *
 * @param seed any integer
 */
export function chooseExamples(
  decisions: readonly Decision[],
  classCount: number,
  seed: number,
): { readonly right: Decision | undefined; readonly wrong: Decision | undefined }[] {
  return Array.from({ length: classCount }, (_, c) => {
    const draw = (right: boolean): Decision | undefined => {
      const fits = decisions.filter(
        ({ trueClass, predicted }) => trueClass === c && (predicted === c) === right,
      );
      return fits[streamFor(seed, 2 * c + Number(right))() % fits.length];
    };
    return { right: draw(true), wrong: draw(false) };
  });
}
