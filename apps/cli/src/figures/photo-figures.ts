import { shuffle, streamFor } from '@clearmaps/random';
import type { Clearmaps } from 'clearmaps';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { breedsFigure } from './breeds-figure.ts';
import { type ClassRow, classRowsFigure } from './class-rows-figure.ts';
import { photoExample, readPhotos } from './example-source.ts';
import type { Example, Figure, FigureJob, FigureStyle } from './figure.ts';

/** The paper's figure 5 shows four breeds. */
const SEVERAL = 4;

/** Figures 5 to 7. */
export async function photoFigures(
  cm: Clearmaps,
  folder: string,
  classes: readonly number[],
  style: FigureStyle,
  { rule, seed, choiceSeed }: FigureJob,
  terminal: Terminal,
): Promise<Figure[]> {
  const responses = { rule, seed, signal: terminal.signal };
  const read = await readPhotos(cm, folder, style.classNames, classes);
  const order = shuffle(Array.from(read.keys()), streamFor(choiceSeed, 5));
  const photos = order.map((i) => read[i]!);
  const progress = new Progress(terminal, 'photos', photos.length);
  const examples: Example[] = [];
  try {
    for (const photo of photos) {
      examples.push(await photoExample(cm, photo, classes, responses));
      progress.advance();
    }
  } finally {
    progress.stop();
  }
  const pictured = classes.filter((c) => examples.some(({ trueClass }) => trueClass === c));
  const rows = pictured.map(
    (c): ClassRow => ({
      trueClass: c,
      right: examples.find(({ trueClass, predicted }) => trueClass === c && predicted === c),
      wrong: examples.find(({ trueClass, predicted }) => trueClass === c && predicted !== c),
    }),
  );
  const shown = [...new Map(photos.map((photo) => [photo.trueClass, photo])).values()].slice(0, SEVERAL);
  const few = shown.map(({ trueClass }) => trueClass).sort((a, b) => a - b);
  const several: Example[] = [];
  if (few.length > 1) for (const photo of shown) several.push(await photoExample(cm, photo, few, responses));
  return [
    ...(several.length > 0 ? [breedsFigure(several, style)] : []),
    classRowsFigure(
      {
        number: 6,
        title: 'What speaks for a breed, and what against it',
        views: ['original', 'heatmap', 'binary'],
        rows,
        panelSize: 227,
      },
      style,
    ),
    classRowsFigure(
      {
        number: 7,
        title: 'Which breed, where',
        views: ['original', 'clear', 'overlay'],
        rows,
        panelSize: 227,
      },
      style,
    ),
  ];
}
