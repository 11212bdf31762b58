import {
  bestAtArea,
  type Cut,
  closestToPaper,
  type Masked,
  type MaskedRow,
  mostTelling,
  type StudiedNet,
  type StudyChoice,
  tellsLearning,
} from '@clearmaps/evaluation';
import { inPercent } from './percent.ts';

/** The areas that masks are compared at, as shares of the image. */
export const STUDY_AREAS: readonly number[] = [0.1, 0.2];

/** What `reproduce study` finds, in words and as Markdown tables. */
export interface StudyReport {
  readonly closest?: StudyChoice;
  /** By area: the setting that separates best. */
  readonly bestAtArea: readonly { readonly area: number; readonly choice: StudyChoice }[];
  /** Passes on every net where none of its controls does, by the widest margin. */
  readonly mostTelling?: StudyChoice;
  readonly markdown: string;
}

export function studyReport(nets: readonly StudiedNet[]): StudyReport {
  const closest = closestToPaper(nets);
  const areas = STUDY_AREAS.map((area) => ({ area, choice: bestAtArea(nets, area) }));
  const telling = mostTelling(nets);
  const verdicts = [
    telling
      ? `Passes on both nets where no control does, by the widest margin: ${sentence(telling, nets)}.`
      : 'No setting passes on both nets where no control does.',
    closest
      ? `Closest to the paper with its ordering: ${sentence(closest, nets)}.`
      : "No setting has the paper's ordering on both nets.",
    ...areas.map(
      ({ area, choice }) =>
        `Separates best at ${Math.round(100 * area)} % of the image: ${sentence(choice, nets)}.`,
    ),
  ];
  return {
    ...(closest && { closest }),
    bestAtArea: areas,
    ...(telling && { mostTelling: telling }),
    markdown: [LEGEND, '', ...verdicts.map((line) => `- ${line}`), '', ...nets.flatMap(tableOf)].join('\n'),
  };
}

const LEGEND =
  "In per cent, only / without: right on what the mask keeps, and on the rest. A mask passes when the first is at least, the second at most the paper's. The controls keep as many pixels of each image. **Bold**: the mask passes, and no control does.";

function tableOf({ name, paper, settings }: StudiedNet): string[] {
  const { full } = settings[0]!.table;
  const lines = settings.flatMap(({ rule, seed, reduction, contrast, table }) =>
    table.rows.map((row) => {
      const { randomWeights, otherClass, randomMask } = row.controls;
      const own = tellsLearning(row, paper) ? `**${pair(row)}**` : pair(row);
      const how = `${rule} | ${seed} | ${reduction}${contrast ? ', contrast' : ''} | ${cutWords(row.cut)}`;
      const controls = [randomWeights, otherClass, randomMask].map((control) => control && pair(control));
      return `| ${how} | ${inPercent(row.keptArea)} | ${own} | ${controls.join(' | ')} |`;
    }),
  );
  return [
    `## ${name}`,
    '',
    `Full image: ${inPercent(full.share)} % of ${full.count}. The paper: ${inPercent(paper.only)} / ${inPercent(paper.without)}.`,
    '',
    '| rule | seed | reduction | cut | kept area | mask of the true class | random weights | another class | random pixels |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ];
}

function cutWords(cut: Cut): string {
  return 'threshold' in cut ? `t = ${cut.threshold}` : `${Math.round(100 * cut.area)} % area`;
}

function pair({ only, without }: Masked): string {
  return `${inPercent(only.share)} / ${inPercent(without.share)}`;
}

function sentence(
  { rule, seed, reduction, contrast, rows }: StudyChoice,
  nets: readonly StudiedNet[],
): string {
  const { cut } = rows[0]!;
  const where = 'threshold' in cut ? ` at ${cut.threshold} of the maximum` : '';
  const figures = rows.map(
    (row: MaskedRow, i) => `${nets[i]!.name} ${pair(row)} at ${inPercent(row.keptArea)} % of the image`,
  );
  return `rule ${rule}, seed ${seed}, reduction ${reduction}${contrast ? ', contrast' : ''}${where} (${figures.join('; ')})`;
}
