import { composeSheet, firstName } from '@clearmaps/colormap/sheet';
import { decisionOf, type Example, type Figure, type FigureStyle, readingOf, viewsOf } from './figure.ts';

/** Figure 5: photos, and below each its map of a few classes. */
export function breedsFigure(examples: readonly Example[], style: FigureStyle): Figure {
  const { classNames, palette, settings } = style;
  const classes = examples[0]!.explanation.classes;
  const names = classes.map((c) => firstName(classNames[c]!)).join(', ');
  const drawn = examples.map((example) => viewsOf(example, style, ['original', 'clear', 'overlay']));
  const panels = [0, 1, 2].flatMap((view) =>
    drawn.map((views, i) => ({
      raster: views[view]!.raster,
      caption: [
        `${firstName(classNames[examples[i]!.trueClass]!)}, decided ${decisionOf(examples[i]!, style)}`,
        'CLEAR map',
        'Overlay',
      ][view]!,
    })),
  );
  const [, , width] = examples[0]!.explanation.shape;
  return {
    number: 5,
    title: 'Maps of several classes',
    caption: `Of each photo the CLEAR map of these classes alone: ${names}. Each colour is one of them.`,
    classes,
    raster: composeSheet({
      title: 'Figure 5. Maps of several classes',
      panels,
      maxWidth: examples.length * (width + 22),
      legend: { palette, classNames, classes },
      footnote: settings,
    }),
    alt: `Photos of ${examples.map(({ trueClass }) => firstName(classNames[trueClass]!)).join(', ')}, each above its CLEAR map and the map laid over it.`,
    readings: examples
      .filter(({ predicted, trueClass }) => predicted !== trueClass)
      .map((example) => readingOf(example, style)),
  };
}
