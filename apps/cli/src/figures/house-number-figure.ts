import type { LabelledImages } from '@clearmaps/datasets';
import type { Clearmaps } from 'clearmaps';
import type { Terminal } from '../terminal.ts';
import { classRowsFigure } from './class-rows-figure.ts';
import { explainedRows } from './explained-rows.ts';
import type { Figure, FigureJob, FigureStyle } from './figure.ts';

/** Figure 4. */
export async function houseNumberFigure(
  cm: Clearmaps,
  set: LabelledImages,
  style: FigureStyle,
  job: FigureJob,
  terminal: Terminal,
): Promise<Figure[]> {
  const rows = await explainedRows(cm, set, job, terminal);
  return [
    classRowsFigure(
      {
        number: 4,
        title: 'House numbers, decided right and wrong',
        views: ['original', 'heatmap', 'binary', 'clear'],
        rows,
        panelSize: 128,
      },
      style,
    ),
  ];
}
