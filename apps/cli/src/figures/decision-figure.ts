import { composeSheet } from '@clearmaps/colormap/sheet';
import { readMap } from '../map-reading.ts';
import { decisionOf, type Example, type Figure, type FigureStyle, readingOf, viewsOf } from './figure.ts';

const TITLE = 'What a heatmap says, and what a CLEAR map says';

/** Figure 1: digit, decision, heatmap and CLEAR map, and in words what each of the two says. */
export function decisionFigure(examples: readonly Example[], style: FigureStyle): Figure {
  const { classNames, palette, settings } = style;
  const panels = examples.flatMap((example) => {
    const [original, heatmap, clear] = viewsOf(example, style, ['original', 'heatmap', 'clear']);
    const name = classNames[example.trueClass]!;
    return [
      {
        raster: original!.raster,
        caption: `A ${name}, decided ${decisionOf(example, style)}`,
        note: example.predicted === example.trueClass ? 'right' : 'wrong',
      },
      {
        raster: heatmap!.raster,
        caption: 'Heatmap',
        note: `Hot speaks for ${name}, green against it. For which other class, it does not say.`,
      },
      {
        raster: clear!.raster,
        caption: 'CLEAR map',
        note: readMap(example.explanation, classNames),
      },
    ];
  });
  const wrong = examples.filter(({ trueClass, predicted }) => trueClass !== predicted);
  return {
    number: 1,
    title: TITLE,
    caption:
      'Each row is one digit, with the decision of the net. A heatmap parts what speaks for the true class (hot) from what speaks against it (green). A CLEAR map shows for each pixel the class that responds most strongly there (colour) and how strongly (brightness).',
    classes: Array.from(classNames.keys()),
    raster: composeSheet({
      title: `Figure 1. ${TITLE}`,
      panels,
      panelSize: 252,
      maxWidth: 3 * 275,
      legend: { palette, classNames },
      footnote: settings,
    }),
    alt: examples
      .map(
        (example) =>
          `${classNames[example.trueClass]} decided ${decisionOf(example, style)}: ${readMap(example.explanation, classNames)}`,
      )
      .join(' '),
    readings: wrong.map((example) => readingOf(example, style)),
  };
}
