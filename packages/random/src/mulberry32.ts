import { murmurMix } from './murmur-mix.ts';

/**
 * Mulberry32 (Tommy Ettinger, public domain): a 32-bit generator small enough to be written down beside a split,
 * and the same in every engine, because it uses integer arithmetic only.
 *
 * @param seed any integer; only its low 32 bits count.
 * @returns a function that gives the next integer in 0..2^32-1.
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * The numbers that belong to (seed, index), whatever was drawn for other indices.
 *
 * @param seed any integer; only its low 32 bits count.
 * @param index a whole number from 0.
 */
export function streamFor(seed: number, index: number): () => number {
  return mulberry32(murmurMix(murmurMix(murmurMix(seed) ^ (index % 2 ** 32)) ^ Math.floor(index / 2 ** 32)));
}
