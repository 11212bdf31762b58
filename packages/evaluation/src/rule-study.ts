import type { Reduction, Rule, Seed } from '@clearmaps/deconvnet/graph';
import { EvaluationError } from './errors.ts';
import { distanceToPaper, type PaperRow } from './paper-table1.ts';
import type { MaskedRow, Table1 } from './table1.ts';

/** How responses are made. */
export interface Setting {
  readonly rule: Rule;
  readonly seed: Seed;
  readonly reduction: Reduction;
}

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
 * @throws EvaluationError where no setting has the paper's ordering on every net
 */
export function closestToPaper(nets: readonly StudiedNet[]): StudyChoice {
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
  return best(atArea, ({ rows }) =>
    rows.reduce((sum, { only, without }) => sum + only.share - without.share, 0),
  );
}

function choices(nets: readonly StudiedNet[], wanted: (row: MaskedRow) => boolean): StudyChoice[] {
  return (nets[0]?.settings ?? []).flatMap(({ table, ...setting }, s) =>
    table.rows.flatMap((row, r) =>
      wanted(row) ? [{ ...setting, rows: nets.map(({ settings }) => settings[s]!.table.rows[r]!) }] : [],
    ),
  );
}

function best(among: readonly StudyChoice[], worth: (choice: StudyChoice) => number): StudyChoice {
  if (among.length > 0) return among.reduce((one, other) => (worth(other) > worth(one) ? other : one));
  throw new EvaluationError({
    asked: 'the best setting of a study',
    got: 'none that qualifies',
    allowed: 'cuts of the kind asked for, and for the closest one a setting with the ordering of the paper',
  });
}
