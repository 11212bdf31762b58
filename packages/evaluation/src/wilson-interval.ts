/** Of a standard normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.959964;

/**
 * Where a share most likely lies when `hits` of `count` independent trials succeeded: the 95 % score interval
 * (Wilson 1927), which stays within 0..1 and is sound for small counts.
 *
 * @param count from 1
 * @returns [low, high], shares
 */
export function wilsonInterval(hits: number, count: number): readonly [low: number, high: number] {
  const share = hits / count;
  const spread = Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  const [low, high] = [-1, 1].map(
    (sign) => (share + Z ** 2 / (2 * count) + sign * spread) / (1 + Z ** 2 / count),
  );
  return [Math.max(0, low!), Math.min(1, high!)];
}
