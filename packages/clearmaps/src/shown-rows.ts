import { type ClassPalette, classPalette, type PaletteName, paletteOfSome } from '@clearmaps/colormap';
import { type Explanation, OTHERS } from '@clearmaps/deconvnet/graph';
import { batchIndex } from './batch-index.ts';
import { type ClassGroup, groupProbabilities } from './class-groups.ts';

/** As many colours as people can tell apart, and as many names as a legend has room for. */
const MOST_COLORS = 40;
/** Models with no more classes than this keep their order in the legend. */
const MOST_IN_ORDER = 20;

/** What a reader is told of the rows of an explanation: to draw its maps with, and a legend for them. */
export interface ShownRows {
  /** By class, or by the number of a group. */
  readonly names: readonly string[];
  readonly palette: ClassPalette;
  /** Of the classes, or summed over the members of the groups: 0..1. */
  readonly probabilities: ArrayLike<number>;
  /** What the legend lists, at most forty; where there are more rows, those that lead most strongly. */
  readonly listed: readonly number[];
  /** Where the other classes compete: what the legend says of them. */
  readonly others?: { readonly name: string; readonly probability: number };
}

export interface ShownRowsOptions {
  /** Which image of the batch; the first unless told. */
  readonly image?: number;
  readonly classNames: readonly string[];
  /** Those that were explained, where groups were. */
  readonly groups?: readonly ClassGroup[];
  /** 'hues' unless told. */
  readonly palette?: PaletteName;
}

/**
 * Names, colours and probabilities of what was explained. In a model of up to forty classes each class has a colour of
 * its own, whatever is explained; in a larger one up to forty that are explained have them, in the order asked, and of
 * more those that are listed: the rest is grey.
 */
export function shownRows(explanation: Explanation, options: ShownRowsOptions): ShownRows {
  const { classNames, groups, palette } = options;
  const image = batchIndex(explanation.shape, options.image);
  const { classes } = explanation;
  const count = classNames.length;
  const scores = explanation.probabilities.subarray(image * count, (image + 1) * count);
  const names = groups?.map(({ name }) => name) ?? classNames;
  const probabilities = groups === undefined ? scores : groupProbabilities(scores, groups);
  const listed = listedRows(explanation, image, probabilities);
  const asked = new Set(groups?.flatMap((group) => group.classes) ?? classes);
  const rest = scores.reduce((sum, share, c) => (asked.has(c) ? sum : sum + share), 0);
  return {
    names,
    palette:
      names.length <= MOST_COLORS
        ? classPalette(names.length, palette)
        : paletteOfSome(names.length, classes.length <= MOST_COLORS ? classes : listed, palette),
    probabilities,
    listed,
    ...(explanation.others && {
      others: { name: `${count - asked.size} other classes`, probability: Math.min(1, rest) },
    }),
  };
}

/** Share of the pixels with a positive dominant response that each row leads; {@link OTHERS} where they compete. */
export function dominantShares(
  { classes, shape, dominantClass, dominantResponse, others }: Explanation,
  image = 0,
): ReadonlyMap<number, number> {
  const pixels = shape[1] * shape[2];
  const count = new Map<number, number>([...classes, ...(others ? [OTHERS] : [])].map((c) => [c, 0]));
  let lit = 0;
  for (let at = image * pixels; at < (image + 1) * pixels; at++) {
    if (dominantResponse[at]! <= 0) continue;
    count.set(dominantClass[at]!, count.get(dominantClass[at]!)! + 1);
    lit++;
  }
  return new Map([...count].map(([c, led]) => [c, lit === 0 ? 0 : led / lit]));
}

function listedRows(
  explanation: Explanation,
  image: number,
  probabilities: ArrayLike<number>,
): readonly number[] {
  const { classes } = explanation;
  if (classes.length <= MOST_IN_ORDER && classes.length === probabilities.length) return classes;
  const byProbability = [...classes].sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  if (classes.length <= MOST_COLORS) return byProbability;
  const led = strengthLed(explanation, image);
  return byProbability.sort((a, b) => (led.get(b) ?? 0) - (led.get(a) ?? 0)).slice(0, MOST_COLORS);
}

/** Sum of the positive dominant responses that each row leads with. */
function strengthLed(
  { shape, dominantClass, dominantResponse }: Explanation,
  image: number,
): ReadonlyMap<number, number> {
  const pixels = shape[1] * shape[2];
  const led = new Map<number, number>();
  for (let at = image * pixels; at < (image + 1) * pixels; at++) {
    const c = dominantClass[at]!;
    led.set(c, (led.get(c) ?? 0) + Math.max(dominantResponse[at]!, 0));
  }
  return led;
}
