/** Accuracies of Table 1 of the CLEAR paper, 0..1. */
export interface PaperRow {
  readonly full: number;
  readonly only: number;
  readonly without: number;
}

/** Kumar, Wong & Taylor 2017, Table 1, by the name of the net. */
export const PAPER_TABLE1: Readonly<Record<string, PaperRow>> = {
  mnist: { full: 0.9926, only: 0.7989, without: 0.4345 },
  svhn: { full: 0.926, only: 0.6912, without: 0.5446 },
};

type Pair = Record<'only' | 'without', { readonly share: number }>;

/**
 * Whether a mask passes: the net decides on what it keeps at least as well as the paper's, and without it at most as
 * well.
 */
export function passes({ only, without }: Pair, paper: PaperRow): boolean {
  return only.share >= paper.only && without.share <= paper.without;
}

/** How far a measured pair lies from the paper's, in shares: the Euclidean distance. */
export function distanceToPaper({ only, without }: Pair, paper: PaperRow): number {
  return Math.hypot(only.share - paper.only, without.share - paper.without);
}
