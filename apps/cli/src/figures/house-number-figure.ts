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
        caption:
          'Each row is one digit: the original, the heatmap (hot for the true class, green for the others), the binary map (red for it, blue against it) and the CLEAR map (the colour is the dominant class, the brightness its response).',
        views: ['original', 'heatmap', 'binary', 'clear'],
        rows,
        panelSize: 128,
      },
      style,
    ),
  ];
}
