import { DatasetError } from '../errors.ts';
import { type LabelledImages, labelledImages } from '../labelled-images.ts';
import { CROP_SIDE, photograph, photographPerfectly } from './camera.ts';
import { diceFor } from './dice.ts';
import { houseNumberFonts } from './digit-faces.ts';
import { digitOfTurn, svhnLabelWeights } from './labels.ts';
import { cleanScene, drawScene } from './scene.ts';

export interface SyntheticHouseNumberOptions {
  /** How many images to make, at least 1. */
  readonly count: number;
  /** Any integer; only its low 32 bits count. */
  readonly seed: number;
  /** Index of the first image, default 0: the images are those of the indices from .. from + count - 1. */
  readonly from?: number;
  /** Names out of `houseNumberFonts` to draw from, each as often as it stands here; default: all. */
  readonly fonts?: readonly string[];
  /**
   * `uniform` (default): each ten images from a multiple of 10 on hold every digit once, in random order. `svhn`:
   * the frequencies of SVHN's training set, where 1 is the most frequent. Or ten weights, digit 0 first.
   */
  readonly labels?: 'uniform' | 'svhn' | readonly number[];
  /**
   * `street` (default): walls, neighbours, blur, noise. `clean`: one dark digit on a light ground, sharp and upright,
   * for checks of what is drawn.
   */
  readonly conditions?: 'street' | 'clean';
}

const SIZE = CROP_SIDE * CROP_SIDE * 3;
const CLASS_NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * Synthetic 32x32 RGB crops of house numbers that look like SVHN's (Netzer et al. 2011): no photograph is among them.
 * The digit in the middle is the label; its neighbours may show at the sides.
 *
 * Image i depends on the seed, on i and on the other options, never on `from` and `count`: endless fresh images
 * come from a growing `from`, and a chunk may be made anywhere. The same bytes come from the same JavaScript engine;
 * another engine may round a sine or an exponential differently, and so a level by one.
 *
 * @returns set `synthetic-house-numbers`, images [count, 32, 32, 3], classes `0`..`9` in digit order.
 * @throws DatasetError when `count`, `from` or `seed` is no such integer, a font is unknown, or weights are not ten
 * numbers >= 0 with a positive sum.
 */
export function syntheticHouseNumbers(options: SyntheticHouseNumberOptions): LabelledImages {
  const {
    count,
    seed,
    from = 0,
    fonts = houseNumberFonts,
    labels = 'uniform',
    conditions = 'street',
  } = options;
  checkInteger('count', count, 1, Math.floor(0x7fffffff / SIZE));
  checkInteger('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  checkInteger('from', from, 0, Number.MAX_SAFE_INTEGER - count);
  checkFonts(fonts);
  if (conditions !== 'street' && conditions !== 'clean') {
    throw new DatasetError({
      asked: 'synthetic house numbers: conditions',
      got: JSON.stringify(conditions),
      allowed: '"street", "clean"',
    });
  }
  const weights = checkedWeights(labels);
  const images = new Uint8Array(count * SIZE);
  const digits = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const index = from + i;
    const dice = diceFor(seed, index);
    const label = weights ? dice.weighted(weights) : digitOfTurn(seed, index);
    const crop = images.subarray(i * SIZE, (i + 1) * SIZE);
    if (conditions === 'clean') photographPerfectly(cleanScene(dice, label, fonts), crop);
    else photograph(dice, drawScene(dice, label, fonts), crop);
    digits[i] = label;
  }
  return labelledImages({
    name: 'synthetic-house-numbers',
    images,
    labels: digits,
    height: CROP_SIDE,
    width: CROP_SIDE,
    channels: 3,
    classNames: CLASS_NAMES,
  });
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  throw new DatasetError({
    asked: `synthetic house numbers: ${name}`,
    got: String(value),
    allowed: `integers ${low}..${high}`,
  });
}

function checkFonts(fonts: readonly string[]): void {
  const known = new Set(houseNumberFonts);
  const unknown = Array.isArray(fonts) ? fonts.find((name) => !known.has(name)) : String(fonts);
  if (unknown === undefined && fonts.length > 0) return;
  throw new DatasetError({
    asked: 'synthetic house numbers: fonts',
    got: unknown === undefined ? 'an empty list' : JSON.stringify(unknown),
    allowed: `the ${houseNumberFonts.length} names in houseNumberFonts, such as "${houseNumberFonts[0]}"`,
    remedy: 'Leave `fonts` out to draw from all of them.',
  });
}

function checkedWeights(labels: SyntheticHouseNumberOptions['labels']): readonly number[] | undefined {
  if (labels === 'uniform') return undefined;
  if (labels === 'svhn') return svhnLabelWeights;
  const isWeights =
    Array.isArray(labels) &&
    labels.length === CLASS_NAMES.length &&
    labels.every((weight) => Number.isFinite(weight) && weight >= 0) &&
    labels.some((weight) => weight > 0);
  if (isWeights) return labels;
  throw new DatasetError({
    asked: 'synthetic house numbers: labels',
    got: JSON.stringify(labels),
    allowed: '"uniform", "svhn", or ten weights >= 0 that are not all 0',
  });
}
