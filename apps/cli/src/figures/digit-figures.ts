import type { LabelledImages } from '@clearmaps/datasets';
import { streamFor } from '@clearmaps/random';
import type { Clearmaps } from 'clearmaps';
import type { Terminal } from '../terminal.ts';
import { classRowsFigure } from './class-rows-figure.ts';
import { decisionFigure } from './decision-figure.ts';
import { explainedRows } from './explained-rows.ts';
import type { Example, Figure, FigureJob, FigureStyle } from './figure.ts';
import { procedureFigure } from './procedure-figure.ts';

/** Figures 1 to 3, on one choice of digits. */
export async function digitFigures(
  cm: Clearmaps,
  set: LabelledImages,
  style: FigureStyle,
  job: FigureJob,
  terminal: Terminal,
): Promise<Figure[]> {
  const rows = await explainedRows(cm, set, job, terminal);
  const right = rows.flatMap((row) => row.right ?? []);
  const wrong = rows.flatMap((row) => row.wrong ?? []);
  const drawn = (examples: readonly Example[], lane: number): Example[] =>
    examples.length === 0 ? [] : [examples[streamFor(job.choiceSeed, lane)() % examples.length]!];
  const first = [...drawn(right, 1001), ...drawn(wrong, 1002)];
  return [
    decisionFigure(first, style),
    procedureFigure(first[0]!, style),
    classRowsFigure(
      {
        number: 3,
        title: 'Digits 0 to 9, decided right and wrong',
        views: ['original', 'heatmap', 'clear'],
        rows,
        panelSize: 140,
      },
      style,
    ),
  ];
}
