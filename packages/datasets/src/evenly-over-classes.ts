/**
 * Some images of a set, as even over its classes as they can be: the first of each class, then the second of each, and
 * so on.
 *
 * @param labels [count]
 * @param most from 1
 * @returns ascending indices, all where there are no more
 */
export function evenlyOverClasses(labels: ArrayLike<number>, most: number): number[] {
  const turns = new Map<number, number>();
  const images = Array.from(labels, (label, index) => {
    const turn = turns.get(label) ?? 0;
    turns.set(label, turn + 1);
    return { index, label, turn };
  });
  return images
    .sort((a, b) => a.turn - b.turn || a.label - b.label)
    .slice(0, most)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}
