/**
 * Fisher-Yates, in place.
 *
 * @param next uniform integers 0..2^32-1.
 */
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
