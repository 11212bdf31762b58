/** A share, 0..1, for a table of per cents: `58.7`. */
export function inPercent(share: number): string {
  return (100 * share).toFixed(1);
}

/** A share, 0..1, to be read: `58.74 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
