import type { ExplainOptions } from './explain-options.ts';

/** The classes whose seeds stand together in one row of a sweep: a single one, or a group. */
export type Row = readonly number[];

/** What is asked for, whatever becomes of the caller's lists. */
export interface AskedRows {
  readonly rows: readonly Row[];
  /** What the rows are called in the answer: their classes, or the numbers of the groups. */
  readonly names: readonly number[];
}

export function askedRows({ classes, groups }: ExplainOptions, classCount: number): AskedRows {
  if (groups !== undefined) return { rows: groups.map((group) => [...group]), names: [...groups.keys()] };
  const names = classes?.slice() ?? Array.from({ length: classCount }, (_, i) => i);
  return { rows: names.map((c) => [c]), names };
}

/** The classes that are in none of the rows, one row each. */
export function otherRows(rows: readonly Row[], classCount: number): Row[] {
  const asked = new Set(rows.flat());
  return Array.from({ length: classCount }, (_, c) => [c]).filter(([c]) => !asked.has(c!));
}

/** Whether every row is one class: the way back has a short cut for these. */
export function areSingle(rows: readonly Row[]): boolean {
  return rows.every((row) => row.length === 1);
}
