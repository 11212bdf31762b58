import { type ClassPalette, pictureRaster, type Raster, type Scale } from '@clearmaps/colormap';
import { composeSheet, type Panel } from '@clearmaps/colormap/sheet';
import type { Explanation } from '@clearmaps/deconvnet';
import { drawViews, type View, type ViewName } from 'clearmaps';
import sharp from 'sharp';
import { ranked } from './class-choice.ts';
import type { ExplainInput } from './explain-inputs.ts';
import { readMap } from './map-reading.ts';

/** Five panels of the default size side by side. */
const WIDTH = 1230;

export interface SheetRequest {
  readonly input: ExplainInput;
  readonly explanation: Explanation;
  readonly classNames: readonly string[];
  readonly palette: ClassPalette;
  readonly views: readonly ViewName[];
  readonly scale: Scale;
  /** The class that heatmap and binary map speak for: the true one where it is known, else the predicted one. */
  readonly target: number;
  readonly trueClass: number | undefined;
  /** Rule, seed, model, backend: the small print. */
  readonly footnote: string;
}

/** One picture that shows all views, and the two sentences above them. */
export interface Sheet {
  readonly sheet: Raster;
  /** One sentence: decision and truth. */
  readonly title: string;
  /** One sentence: what the CLEAR map shows. */
  readonly reading: string;
}

export function drawSheet(request: SheetRequest): Sheet {
  const { input, explanation, classNames, palette, target, trueClass, scale, footnote } = request;
  const [, height, width] = explanation.shape;
  const picture = pictureRaster({ data: input.picture.data, shape: [height, width, input.picture.channels] });
  const views = drawViews(explanation, { picture, target, palette, scale, views: request.views });
  const title = decision(input.source, explanation.probabilities, classNames, trueClass);
  const reading = readMap(explanation, classNames);
  const panels = views.map((view) => ({ raster: view.raster, ...caption(view, classNames) }));
  const most = 20;
  const listed = explanation.classes.length <= most ? explanation.classes : leading(explanation, most);
  return {
    title,
    reading,
    sheet: composeSheet({
      title,
      subtitle: reading,
      panels,
      maxWidth: WIDTH,
      legend: { palette, classNames, classes: listed, probabilities: explanation.probabilities },
      footnote,
    }),
  };
}

/** "mnist:42: predicted 5 (98.2 %), true 5, right". */
export function decision(
  source: string,
  probabilities: ArrayLike<number>,
  classNames: readonly string[],
  trueClass: number | undefined,
): string {
  const predicted = ranked(probabilities)[0]!;
  const share = `${(100 * probabilities[predicted]!).toFixed(1)} %`;
  const truth =
    trueClass === undefined
      ? ''
      : `, true ${classNames[trueClass]}: ${trueClass === predicted ? 'right' : 'wrong'}`;
  return `${source}: predicted ${classNames[predicted]} (${share})${truth}`;
}

export async function encodePng({ data, width, height }: Raster): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function leading({ classes, probabilities }: Explanation, count: number): number[] {
  const asked = new Set(classes);
  return ranked(probabilities)
    .filter((c) => asked.has(c))
    .slice(0, count);
}

function caption({ name, classIndex }: View, classNames: readonly string[]): Omit<Panel, 'raster'> {
  const who = classIndex === undefined ? '' : classNames[classIndex]!;
  switch (name) {
    case 'original':
      return { caption: 'Original' };
    case 'heatmap':
      return { caption: `Heatmap for ${who}`, note: 'hot: evidence for it; green: for another class' };
    case 'binary':
      return { caption: `Binary map for ${who}`, note: 'red: for; blue: against' };
    case 'clear':
      return { caption: 'CLEAR map', note: 'colour: dominant class; brightness: how strongly' };
    case 'overlay':
      return { caption: 'Overlay', note: 'the CLEAR map on the original' };
    case 'responses':
      return { caption: `Response to ${who}`, note: 'red: positive; blue: negative' };
  }
}
