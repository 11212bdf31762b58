/**
 * How few pixels carry a map: the Gini index of its absolute responses (Hurley & Rickard 2009, eq. 1; for
 * attributions Chalasani et al. 2020). 0 where all are equal, 1 - 1/P where one pixel has everything.
 *
 * @param map [P]
 * @returns 0 for a map of zeros
 */
export function giniIndex(map: Float32Array): number {
  const sorted = map.map(Math.abs).sort();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  const weighted = sorted.reduce((sum, value, i) => sum + (2 * i + 1 - sorted.length) * value, 0);
  return weighted / (sorted.length * total);
}
