import {
  type Control,
  distanceToPaper,
  type Masked,
  type MaskedRow,
  type PaperRow,
  passes,
  type Share,
  type Table1,
} from '@clearmaps/evaluation';
import { inPercent } from './percent.ts';
import { printLine, type Terminal } from './terminal.ts';

type Interval = Share['interval'];

/** One threshold as `--json` prints it: shares from 0 to 1. */
export interface Table1Line {
  readonly threshold: number;
  /** Mean share of the image that the strong features cover. */
  readonly keptArea: number;
  readonly only: number;
  readonly without: number;
  readonly intervals: { readonly only: Interval; readonly without: Interval };
  /** Whether both numbers are at least as good as the paper's, for its nets. */
  readonly passes?: boolean;
  readonly controls: Readonly<Partial<Record<Control, Omit<Table1Line, 'threshold' | 'controls'>>>>;
}

/** What `reproduce table1 --json` prints, after what was measured and how. */
export interface Table1Report extends Omit<Table1Line, 'intervals'> {
  readonly full: number;
  readonly intervals: Table1Line['intervals'] & { readonly full: Interval };
  /** The paper's row, for its nets. */
  readonly paper?: PaperRow;
  /** The threshold whose pair is closest to the paper's. */
  readonly closest?: Table1Line;
  readonly sweep: readonly Table1Line[];
}

export function table1Report(
  { full, rows }: Table1,
  threshold: number,
  paper: PaperRow | undefined,
): Table1Report {
  const lineAt = (row: MaskedRow): Table1Line => ({
    threshold: 'threshold' in row.cut ? row.cut.threshold : Number.NaN,
    ...numbers(row, paper),
    controls: Object.fromEntries(
      Object.entries(row.controls).map(([name, control]) => [name, numbers(control, paper)]),
    ),
  });
  const chosen = lineAt(rows.find(({ cut }) => 'threshold' in cut && cut.threshold === threshold)!);
  const closest =
    paper &&
    rows.reduce((one, other) => (distanceToPaper(other, paper) < distanceToPaper(one, paper) ? other : one));
  return {
    full: full.share,
    ...chosen,
    intervals: { full: full.interval, ...chosen.intervals },
    ...(paper && { paper }),
    ...(closest && { closest: lineAt(closest) }),
    sweep: rows.map(lineAt),
  };
}

function numbers(masked: Masked, paper: PaperRow | undefined): Omit<Table1Line, 'threshold' | 'controls'> {
  const { keptArea, only, without } = masked;
  return {
    ...(paper && { passes: passes(masked, paper) }),
    keptArea,
    only: only.share,
    without: without.share,
    intervals: { only: only.interval, without: without.interval },
  };
}

const CONTROL_WORDS: Readonly<Record<Control, string>> = {
  randomMask: 'random pixels',
  otherClass: "another class's strongest pixels",
  randomWeights: 'the strongest pixels in nets with random weights',
  shuffledLabels: 'the strongest pixels in a net that learned shuffled labels',
};

/** The table as a person reads it, in per cent. */
export function printTable1(terminal: Terminal, report: Table1Report): void {
  const within = ([low, high]: Interval): string => `${inPercent(low)} to ${inPercent(high)}`;
  const { paper, intervals } = report;
  const line = (words: string, share: number, interval: Interval, inPaper: number | undefined): void =>
    printLine(
      terminal,
      `  ${words.padEnd(28)}${inPercent(share).padStart(5)} %  (95 %: ${within(interval)})${inPaper === undefined ? '' : `  paper ${(100 * inPaper).toFixed(2)} %`}`,
    );
  line('full image', report.full, intervals.full, paper?.full);
  line('with only strong features', report.only, intervals.only, paper?.only);
  line('without strong features', report.without, intervals.without, paper?.without);
  printLine(
    terminal,
    `  Strong features: above ${report.threshold} of the maximum, ${inPercent(report.keptArea)} % of the image.`,
  );
  const verdict = (passed: boolean | undefined): string =>
    passed === undefined ? '' : passed ? ', which passes' : ', which does not pass';
  if (paper) {
    printLine(
      terminal,
      `  It ${report.passes ? 'passes' : 'does not pass'}: only at least, without at most the paper's.`,
    );
  }
  const controls = Object.entries(report.controls);
  if (controls.length > 0) printLine(terminal, '  With as many other pixels in each image:');
  for (const [control, { only, without, passes: passed }] of controls) {
    printLine(
      terminal,
      `    ${CONTROL_WORDS[control as Control]}: only ${inPercent(only)} %, without ${inPercent(without)} %${verdict(passed)}`,
    );
  }
  if (report.sweep.length < 2) return;
  printLine(terminal, '\n  threshold   area   only   without');
  for (const { threshold, keptArea, only, without } of report.sweep) {
    const mark = threshold === report.closest?.threshold ? '  closest to the paper' : '';
    printLine(
      terminal,
      `  ${String(threshold).padStart(9)}  ${inPercent(keptArea).padStart(5)}  ${inPercent(only).padStart(5)}  ${inPercent(without).padStart(8)}${mark}`,
    );
  }
}
