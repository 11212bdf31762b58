import { wilsonInterval } from './wilson-interval.ts';

/** How many of how many, and where the share that they estimate lies. */
export interface Share {
  readonly right: number;
  readonly count: number;
  /** right / count, 0..1. */
  readonly share: number;
  /** 95 %, Wilson: [low, high]. */
  readonly interval: readonly [low: number, high: number];
}

export function shareOf(right: number, count: number): Share {
  return { right, count, share: right / count, interval: wilsonInterval(right, count) };
}
