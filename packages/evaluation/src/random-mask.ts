import { shuffle } from '@clearmaps/random';

/** [P] with `count` ones at random places. @param next uniform integers 0..2^32-1 */
export function randomMask(pixels: number, count: number, next: () => number): Uint8Array {
  return shuffle(new Uint8Array(pixels).fill(1, 0, count), next);
}
