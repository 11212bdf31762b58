import {
  bestAtArea,
  closestToPaper,
  type MaskedRow,
  type StudiedNet,
  type StudyChoice,
} from '@clearmaps/evaluation';
import { inPercent } from './percent.ts';

/** The areas that masks are compared at, as shares of the image. */
export const STUDY_AREAS: readonly number[] = [0.05, 0.1, 0.2, 0.3];

/** What `reproduce study` finds, in words and as Markdown tables. */
export interface StudyReport {
  readonly closest: StudyChoice;
  /** By area: the setting that separates best. */
  readonly bestAtArea: readonly { readonly area: number; readonly choice: StudyChoice }[];
  readonly markdown: string;
}

/** @throws EvaluationError where no setting has the paper's ordering */
export function studyReport(nets: readonly StudiedNet[]): StudyReport {
  const closest = closestToPaper(nets);
  const best = STUDY_AREAS.map((area) => ({ area, choice: bestAtArea(nets, area) }));
  const tables = nets.flatMap(({ name, paper, settings }) => [
    `### ${name}\n`,
    `Full image: ${inPercent(settings[0]!.table.full.share)} % of ${settings[0]!.table.full.count}. The paper: ${inPercent(paper.only)} only, ${inPercent(paper.without)} without.\n`,
    ...table(
      settings.map(
        (setting) =>
          [`${setting.rule} | ${setting.seed} | ${setting.reduction}`, setting.table.rows] as const,
      ),
    ),
    '',
  ]);
  const verdicts = [
    `Closest to the paper with its ordering: ${sentence(closest, nets)}.`,
    ...best.map(
      ({ area, choice }) =>
        `Separates best at ${Math.round(100 * area)} % of the image: ${sentence(choice, nets)}.`,
    ),
  ];
  return {
    closest,
    bestAtArea: best,
    markdown: [...tables, ...verdicts.map((line) => `- ${line}`)].join('\n'),
  };
}

function table(settings: readonly (readonly [string, readonly MaskedRow[]])[]): string[] {
  const cuts = settings[0]![1].map(({ cut }) => cut);
  const heads = cuts.map((cut) =>
    'threshold' in cut ? `t = ${cut.threshold}` : `${Math.round(100 * cut.area)} % area`,
  );
  const lines = settings.map(([setting, rows]) => {
    const cells = rows.map((row) => {
      const area = 'threshold' in row.cut ? ` (${Math.round(100 * row.keptArea)})` : '';
      return `${inPercent(row.only.share)} / ${inPercent(row.without.share)}${area}`;
    });
    return `| ${setting} | ${cells.join(' | ')} |`;
  });
  return [
    `| rule | seed | reduction | ${heads.join(' | ')} |`,
    `| --- | --- | --- | ${heads.map(() => '---').join(' | ')} |`,
    ...lines,
  ];
}

function sentence({ rule, seed, reduction, rows }: StudyChoice, nets: readonly StudiedNet[]): string {
  const { cut } = rows[0]!;
  const where = 'threshold' in cut ? ` at ${cut.threshold} of the maximum` : '';
  const figures = rows.map(
    ({ only, without, keptArea }, i) =>
      `${nets[i]!.name} ${inPercent(only.share)} only, ${inPercent(without.share)} without, ${inPercent(keptArea)} % of the image`,
  );
  return `rule ${rule}, seed ${seed}, reduction ${reduction}${where} (${figures.join('; ')})`;
}
