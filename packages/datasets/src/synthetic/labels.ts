import { shuffle } from '@clearmaps/random';
import { diceFor } from './dice.ts';

/** Crops of each digit 0..9 in SVHN's `train_32x32.mat` (Netzer et al. 2011). */
export const svhnLabelWeights: readonly number[] = [
  4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659,
];

const TURN = 10;
// Keeps the draws of turns apart from those of images.
const TURN_SEED = 0x7075726e;

/** The label of image `index` where every ten images hold each digit once. */
export function digitOfTurn(seed: number, index: number): number {
  const dice = diceFor(seed ^ TURN_SEED, Math.floor(index / TURN));
  const digits = shuffle(
    Uint8Array.from({ length: TURN }, (_, digit) => digit),
    dice.bits,
  );
  return digits[index % TURN]!;
}
