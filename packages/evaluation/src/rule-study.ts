import type { Reduction, Rule, Seed } from '@clearmaps/deconvnet/graph';
import { EvaluationError } from './errors.ts';
import { distanceToPaper, type PaperRow, passes } from './paper-table1.ts';
import type { Masked, MaskedRow, Table1 } from './table1.ts';

/** How responses are made. */
export interface Setting {
  readonly rule: Rule;
  readonly seed: Seed;
  readonly reduction: Reduction;
  /** See `againstOthers`. */
  readonly contrast: boolean;
}

/**
 * What is recommended to find strong features with: its masks pass on both bundled nets at a tenth of the image or
 * less, and no control does (docs/table1.md).
 */
export const RECOMMENDED_SETTING: Setting & { readonly threshold: number } = {
  rule: 'lrp-gamma:0.05',
  seed: 'positive',
  reduction: 'sum',
  contrast: true,
  threshold: 0.1,
};

/** What one setting did on one net. */
export interface StudiedSetting extends Setting {
  readonly table: Table1;
}

/** All settings on one net, each with the same cuts in the same order. */
export interface StudiedNet {
  readonly name: string;
  readonly paper: PaperRow;
  readonly settings: readonly StudiedSetting[];
}

/** A setting and a cut on all nets of a study. */
export interface StudyChoice extends Setting {
  /** One a net, in their order. */
  readonly rows: readonly MaskedRow[];
}

/**
 * The setting and threshold that come closest to the paper's Table 1: one threshold for all nets, each net decides
 * better on the strong features than without them, and the mean distance to the paper's pairs is the smallest.
 *
 * @returns undefined where no setting has the paper's ordering on every net
 */
export function closestToPaper(nets: readonly StudiedNet[]): StudyChoice | undefined {
  const ordered = choices(nets, (row) => 'threshold' in row.cut).filter(({ rows }) =>
    rows.every(({ only, without }) => only.share > without.share),
  );
  const distance = ({ rows }: StudyChoice): number =>
    rows.reduce((sum, row, i) => sum + distanceToPaper(row, nets[i]!.paper), 0);
  return best(ordered, (choice) => -distance(choice));
}

/**
 * The setting that separates best when every mask covers the same area: the largest mean of the accuracy on the
 * strongest pixels less that without them.
 *
 * @param area one of the areas among the cuts
 * @throws EvaluationError where there is none
 */
export function bestAtArea(nets: readonly StudiedNet[], area: number): StudyChoice {
  const atArea = choices(nets, ({ cut }) => 'area' in cut && cut.area === area);
  const choice = best(atArea, ({ rows }) => sumOf(rows, separation));
  if (choice) return choice;
  throw new EvaluationError({
    asked: `the best setting at ${100 * area} % of the image`,
    got: 'a study without such a cut',
    allowed: 'an area among its cuts',
  });
}

/**
 * Whether a row shows what its net has learned: the mask passes (see `passes`), and none of the controls does.
 *
 * @throws EvaluationError where the row has no control
 */
export function tellsLearning(row: MaskedRow, paper: PaperRow): boolean {
  const controls = Object.values(row.controls);
  if (controls.length === 0) {
    throw new EvaluationError({ asked: 'whether a mask tells learning', got: 'no control', allowed: 'one' });
  }
  return passes(row, paper) && !controls.some((control) => passes(control, paper));
}

/**
 * The setting and cut that {@link tellsLearning} on every net, by the widest margin: the largest sum over nets of
 * what its mask separates more than the control that separates best.
 *
 * @returns undefined where there is none
 */
export function mostTelling(nets: readonly StudiedNet[]): StudyChoice | undefined {
  const telling = choices(nets, () => true).filter(({ rows }) =>
    rows.every((row, i) => tellsLearning(row, nets[i]!.paper)),
  );
  return best(telling, ({ rows }) => sumOf(rows, lead));
}

/** How much more a mask separates, only less without, than the control that separates best. */
export function lead(row: MaskedRow): number {
  return separation(row) - Math.max(...Object.values(row.controls).map(separation));
}

function separation({ only, without }: Masked): number {
  return only.share - without.share;
}

function sumOf(rows: readonly MaskedRow[], value: (row: MaskedRow) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0);
}

function choices(nets: readonly StudiedNet[], wanted: (row: MaskedRow) => boolean): StudyChoice[] {
  return (nets[0]?.settings ?? []).flatMap(({ table, ...setting }, s) =>
    table.rows.flatMap((row, r) =>
      wanted(row) ? [{ ...setting, rows: nets.map(({ settings }) => settings[s]!.table.rows[r]!) }] : [],
    ),
  );
}

function best(
  among: readonly StudyChoice[],
  worth: (choice: StudyChoice) => number,
): StudyChoice | undefined {
  if (among.length === 0) return undefined;
  return among.reduce((one, other) => (worth(other) > worth(one) ? other : one));
}
