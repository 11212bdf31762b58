/** How many letters must be put in, left out or exchanged to make one word of another (Levenshtein 1966). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      const kept = above[j - 1]! + Number(from[i - 1] !== to[j - 1]);
      row[j] = Math.min(kept, above[j]! + 1, row[j - 1]! + 1);
    }
  }
  return row[to.length]!;
}
