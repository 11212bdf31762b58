import { clearMap, responseMap } from '@clearmaps/colormap';
import { composeSheet } from '@clearmaps/colormap/sheet';
import { decisionOf, type Example, type Figure, type FigureStyle, readingOf, viewsOf } from './figure.ts';

const TITLE = 'How a CLEAR map is made';

/** Share of the strongest response from which the dominant class is drawn. */
const LEAST = 0.02;

/** Figure 2: from the responses of all classes to the dominant maps, and from these to the CLEAR map. */
export function procedureFigure(example: Example, style: FigureStyle): Figure {
  const { classNames, palette, settings } = style;
  const { explanation, trueClass, predicted } = example;
  const [, height, width] = explanation.shape;
  const { dominantClass, dominantResponse } = explanation;
  const [original, clear, overlay] = viewsOf(example, style, ['original', 'clear', 'overlay']);
  const responses = viewsOf(example, style, ['responses']);
  // Everywhere else some class wins by a trifle.
  const least = LEAST * dominantResponse.reduce((most, value) => Math.max(most, value), 0);
  const lit = dominantResponse.map((value) => Number(value > least));
  const panels = [
    {
      raster: original!.raster,
      caption: 'Input x',
      note: `a ${classNames[trueClass]}, decided ${decisionOf(example, style)}`,
    },
    ...responses.map(({ raster, classIndex }) => ({
      raster,
      caption: `R(x|${classNames[classIndex!]})`,
    })),
    {
      raster: clearMap({ dominantClass, dominantResponse: lit, width, height, palette }),
      caption: 'Dominant class',
      note: `eq. 4, above ${100 * LEAST} % of the maximum`,
    },
    {
      raster: responseMap({ response: dominantResponse, width, height }),
      caption: 'Dominant response',
      note: 'eq. 5',
    },
    { raster: clear!.raster, caption: 'CLEAR map', note: 'eq. 6' },
    { raster: overlay!.raster, caption: 'Overlay' },
  ];
  return {
    number: 2,
    title: TITLE,
    caption:
      'The input goes forward once; the response of each class in the last layer goes back to the input alone (eq. 3: red positive, blue negative, each on its own scale). At each pixel the class with the largest response wins (eq. 4), with that response (eq. 5). Its colour, as bright as the response is strong, is the CLEAR map (eq. 6).',
    classes: Array.from(classNames.keys()),
    raster: composeSheet({
      title: `Figure 2. ${TITLE}`,
      panels,
      panelSize: 196,
      maxWidth: 5 * 218,
      legend: { palette, classNames },
      footnote: settings,
    }),
    alt: `Input, ${responses.length} response maps, dominant class map, dominant response map, CLEAR map and overlay of a ${classNames[trueClass]}.`,
    readings: trueClass === predicted ? [] : [readingOf(example, style)],
  };
}
