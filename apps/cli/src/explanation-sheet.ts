import { basename } from 'node:path';
import { pictureRaster, type Raster, type Scale } from '@clearmaps/colormap';
import { composeSheet, firstName, type Panel } from '@clearmaps/colormap/sheet';
import type { Explanation } from '@clearmaps/deconvnet';
import { drawViews, ranked, type ShownRows, type View, type ViewName } from 'clearmaps';
import sharp from 'sharp';
import type { ExplainInput } from './explain-inputs.ts';
import { readMap } from './map-reading.ts';

/** Small pictures are enlarged up to it; those of the usual nets for photos, up to 256, stay as they are. */
const PANEL_SIZE = 224;
/** Five of these side by side. */
const WIDTH = 1370;

export interface SheetRequest {
  readonly input: ExplainInput;
  readonly explanation: Explanation;
  readonly classNames: readonly string[];
  readonly rows: ShownRows;
  readonly views: readonly ViewName[];
  readonly scale: Scale;
  /** The class or group that heatmap and binary map speak for: the true one where it is known, else the predicted. */
  readonly target: number;
  /** Which page of the classes this is, where they come in pages: "page 2 of 100". */
  readonly page?: string;
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
  const { input, explanation, classNames, rows, target, trueClass, scale, footnote, page } = request;
  const { names, palette, probabilities, listed, others } = rows;
  const picture = pictureOf(input, explanation);
  const views = drawViews(explanation, { picture, target, palette, scale, views: request.views });
  const title = decision(basename(input.source), explanation.probabilities, classNames, trueClass);
  const reading = readMap(explanation, names);
  const panels = views.map((view) => ({ raster: view.raster, ...caption(view, names) }));
  return {
    title,
    reading,
    sheet: composeSheet({
      title,
      subtitle: page === undefined ? reading : `${page}. ${reading}`,
      panels,
      panelSize: PANEL_SIZE,
      maxWidth: WIDTH,
      legend: {
        palette,
        classNames: names,
        classes: listed,
        mapped: explanation.classes,
        probabilities,
        ...(others && { others }),
      },
      footnote,
    }),
  };
}

/** The original of an explanation, at the size of its maps. */
export function pictureOf({ picture }: ExplainInput, { shape }: Explanation): Raster {
  const [, height, width] = shape;
  return pictureRaster({ data: picture.data, shape: [height, width, picture.channels] });
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
      : `, true ${firstName(classNames[trueClass]!)}: ${trueClass === predicted ? 'right' : 'wrong'}`;
  return `${source}: predicted ${firstName(classNames[predicted]!)} (${share})${truth}`;
}

export async function encodePng({ data, width, height }: Raster): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function caption({ name, classIndex }: View, classNames: readonly string[]): Omit<Panel, 'raster'> {
  const who = classIndex === undefined ? '' : firstName(classNames[classIndex]!);
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
