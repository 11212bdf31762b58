import { createRaster } from '@clearmaps/colormap';
import { composeSheet, firstName, type Panel } from '@clearmaps/colormap/sheet';
import type { ViewName } from 'clearmaps';
import { decisionOf, type Example, type Figure, type FigureStyle, readingOf, viewsOf } from './figure.ts';

/** A right and a wrong decision of one class, as far as there is one. */
export interface ClassRow {
  readonly trueClass: number;
  readonly right: Example | undefined;
  readonly wrong: Example | undefined;
}

export interface ClassRowsRequest extends Pick<Figure, 'number' | 'title'> {
  readonly views: readonly ViewName[];
  /** One a class, in class order. */
  readonly rows: readonly ClassRow[];
  /** Pixels of a panel, at most. */
  readonly panelSize: number;
}

const LABELS: Readonly<Partial<Record<ViewName, string>>> = {
  heatmap: 'Heatmap',
  binary: 'Binary map',
  clear: 'CLEAR map',
  overlay: 'Overlay',
};

/** How these are read. */
const KEYS: Readonly<Partial<Record<ViewName, string>>> = {
  heatmap: 'Heatmap: hot for the true class, green for another.',
  binary: 'Binary map: red for it, blue against it.',
  clear: 'CLEAR map: the colour is the dominant class, the brightness its response.',
};

/** Pixels, at least what a sheet leaves between two examples. */
const BETWEEN_TWO = 60;

/** In these a colour is a class. */
const IN_CLASS_COLORS: readonly ViewName[] = ['clear', 'overlay'];

/**
 * Figures 3, 4, 6 and 7: a row a class, a right decision on the left and a wrong one on the right. Where fewer than
 * half of the classes have a wrong one, the right decisions and then the wrong ones, two a row, so that no half of the
 * figure is empty.
 */
export function classRowsFigure(request: ClassRowsRequest, style: FigureStyle): Figure {
  const { number, title, views, rows, panelSize } = request;
  const { classNames, palette, settings } = style;
  const some = rows.flatMap(({ right, wrong }) => right ?? wrong ?? []);
  const [, height = 1, width = 1] = some[0]?.explanation.shape ?? [];
  const factor = Math.max(1, Math.floor(panelSize / Math.max(width, height)));
  const cell = width * factor + 2;
  const right = rows.flatMap((row) => row.right ?? []);
  const wrong = rows.flatMap((row) => row.wrong ?? []);
  const facing = 2 * wrong.length >= rows.length;
  const panelsOf = (example: Example | undefined, c: number, kind: string): Panel[] => {
    if (example === undefined) {
      const blank = createRaster(width, height, [238, 238, 240]);
      return views.map((_, i) => ({
        raster: blank,
        caption: i > 0 ? '' : `${firstName(classNames[c]!)}: none ${kind}`,
      }));
    }
    return viewsOf(example, style, views).map(({ name, raster }) => ({
      raster,
      caption:
        name === 'original' ? `${firstName(classNames[c]!)} as ${decisionOf(example, style)}` : LABELS[name]!,
      ...(!facing && name === 'original' && example.predicted !== c && { note: 'wrong' }),
    }));
  };
  const inClassColors = views.some((view) => IN_CLASS_COLORS.includes(view));
  const listed = [...new Set(some.flatMap(({ explanation }) => explanation.classes))];
  const order = facing ? 'Left: decided right. Right: decided wrong.' : orderOf(right.length, wrong.length);
  const caption = [order, ...views.flatMap((view) => KEYS[view] ?? [])].join(' ');
  return {
    number,
    title,
    caption,
    classes: inClassColors ? listed : [],
    raster: composeSheet({
      title: `Figure ${number}. ${title}`,
      subtitle: caption,
      panels: facing
        ? rows.flatMap((row) => [
            ...panelsOf(row.right, row.trueClass, 'right'),
            ...panelsOf(row.wrong, row.trueClass, 'wrong'),
          ])
        : [...right, ...wrong].flatMap((example) => panelsOf(example, example.trueClass, '')),
      panelSize,
      groupSize: views.length,
      maxWidth: 2 * views.length * (cell + 20) + BETWEEN_TWO,
      ...(inClassColors && { legend: { palette, classNames, classes: listed } }),
      footnote: settings,
    }),
    alt: `${title}. ${right.length} right and ${wrong.length} wrong decisions, each with ${views.join(', ')}.`,
    readings: wrong.map((example) => readingOf(example, style)),
  };
}

function orderOf(right: number, wrong: number): string {
  if (wrong === 0) return 'All of these are decided right; there is no wrong decision among the images.';
  return `First ${right} that are decided right, then ${wrong === 1 ? 'the one' : `the ${wrong}`} decided wrong.`;
}
