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

/** Fisher-Yates, in place. */
export function shuffle<T extends { [index: number]: number; length: number }>(
  values: T,
  next: () => number,
): T {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor((next() / 2 ** 32) * (i + 1));
    const held = values[i]!;
    values[i] = values[j]!;
    values[j] = held;
  }
  return values;
}

/**
 * The numbers that belong to (seed, index), whatever was drawn for other indices.
 *
 * @param seed any integer; only its low 32 bits count.
 * @param index a whole number from 0.
 */
export function streamFor(seed: number, index: number): () => number {
  return mulberry32(mix(mix(mix(seed) ^ (index % 2 ** 32)) ^ Math.floor(index / 2 ** 32)));
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): neighbouring seeds and indices share no pattern. */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
