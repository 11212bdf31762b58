import { requireBetween, requireInteger, requireLength } from './checks.ts';
import { firstName } from './first-name.ts';
import { type ClassPalette, classColor, othersColor } from './palette.ts';
import { createRaster, fillRect, type Raster, type Rectangle, type Rgb } from './raster.ts';
import { stack } from './stack.ts';
import { drawText, ellipsize, measureText } from './text.ts';
import { baselineOf, textBlock } from './text-block.ts';
import { type Theme, type ThemeName, themeOf } from './theme.ts';

export interface LegendOptions {
  /** Made for the model's whole class list. */
  readonly palette: ClassPalette;
  /**
   * One name a class of the palette. Of a list of synonyms the first is shown: "tench" of "tench, Tinca tinca". Names
   * wider than 240 px, or than there is room for, end in an ellipsis.
   */
  readonly classNames: readonly string[];
  /** Which classes are listed, and in which order; all unless told. */
  readonly classes?: readonly number[];
  /** Which classes have a part in the maps; those listed unless told. A line counts those not listed and those left out. */
  readonly mapped?: readonly number[];
  /** A last entry, grey, for the classes that count as one: it stands in place of the words on those left out. */
  readonly others?: { readonly name: string; readonly probability?: number };
  /** One probability a class of the palette, 0..1. With them, each class gets a bar and a percentage. */
  readonly probabilities?: ArrayLike<number>;
  /** Pixels; 640 unless told. */
  readonly width?: number;
  readonly theme?: ThemeName;
}

interface Entry {
  readonly name: string;
  readonly color: Rgb;
  readonly probability: number | undefined;
}

const ROW_HEIGHT = 20;
const COLUMN_GAP = 28;
const SWATCH = 12;
const SWATCH_GAP = 8;
const MOST_NAME_WIDTH = 240;
const LEAST_WIDTH = 240;
const BAR_GAP = 12;
const BAR_HEIGHT = 10;
const LEAST_BAR_WIDTH = 120;
const PERCENTAGE_WIDTH = 56;
/** A softmax in single precision may exceed 1 by its rounding. */
const MOST_PROBABILITY = 1 + 1e-5;
/** Bars are compared down a column, so that a column with fewer is not worth its place. */
const LEAST_BARS_A_COLUMN = 5;

/**
 * Which colour is which class: a swatch and a name each, and with `probabilities` a horizontal bar in
 * the class colour and a percentage. Read down the columns.
 *
 * @throws ColormapError if names or probabilities do not match the palette, a class is out of range, no
 * class is listed, or the width is below 240 px.
 */
export function legend({
  palette,
  classNames,
  classes,
  mapped = classes,
  others,
  probabilities,
  width = 640,
  theme = 'light',
}: LegendOptions): Raster {
  requireInteger(width, LEAST_WIDTH, 'legend: width');
  requireLength(classNames, palette.count, 'legend: classNames');
  if (probabilities) requireLength(probabilities, palette.count, 'legend: probabilities');
  const listed = classes ?? Array.from(classNames.keys());
  requireInteger(listed.length, 1, 'legend: number of classes');
  const entries: Entry[] = listed.map((c) => {
    const color = classColor(palette, c);
    const probability = probabilities && share(probabilities[c]!, `class ${c}`);
    return { name: firstName(classNames[c]!), color, probability };
  });
  if (others) {
    const probability = probabilities && share(others.probability ?? 0, 'the others');
    entries.push({ name: others.name, color: othersColor, probability });
  }
  const colors = themeOf(theme);
  const blocks = [entryColumns(entries, width, colors)];
  const { muted, background } = colors;
  const inMaps = new Set(mapped ?? listed);
  const unlisted = [...inMaps].filter((c) => !listed.includes(c)).length;
  const leftOut = others ? 0 : palette.count - inMaps.size;
  const notes = [
    ...(unlisted > 0 ? [`In the maps, but not listed: ${counted(unlisted, 'more')}.`] : []),
    ...(leftOut > 0 ? [`Not in the maps: ${counted(leftOut, 'other')}.`] : []),
  ];
  if (notes.length > 0) {
    blocks.push(textBlock(notes.join(' '), { width, face: 'body', maxLines: 2, color: muted, background }));
  }
  return stack(blocks, { gap: 4, margin: 0, background: colors.background });
}

function counted(count: number, which: string): string {
  return `${count} ${which} ${count === 1 ? 'class' : 'classes'}`;
}

function share(probability: number, whose: string): number {
  requireBetween(probability, 0, MOST_PROBABILITY, `legend: probability of ${whose}`);
  return Math.min(1, probability);
}

function entryColumns(entries: readonly Entry[], width: number, theme: Theme): Raster {
  const hasBars = entries[0]!.probability !== undefined;
  const names = entries.map(({ name }) => measureText(name, 'body'));
  const besideName = SWATCH + SWATCH_GAP + (hasBars ? BAR_GAP + LEAST_BAR_WIDTH + PERCENTAGE_WIDTH : 0);
  const nameWidth = Math.min(MOST_NAME_WIDTH, width - besideName, Math.ceil(Math.max(...names)));
  const leastWidth = besideName + nameWidth;
  const fit = Math.max(1, Math.floor((width + COLUMN_GAP) / (leastWidth + COLUMN_GAP)));
  const most = hasBars ? Math.min(fit, Math.ceil(entries.length / LEAST_BARS_A_COLUMN)) : fit;
  const rowCount = Math.ceil(entries.length / most);
  const columnCount = Math.ceil(entries.length / rowCount);
  const stretched = Math.floor((width - (columnCount - 1) * COLUMN_GAP) / columnCount);
  const columnWidth = hasBars ? stretched : leastWidth;
  const raster = createRaster(width, rowCount * ROW_HEIGHT, theme.background);
  entries.forEach((entry, i) => {
    const x = Math.floor(i / rowCount) * (columnWidth + COLUMN_GAP);
    drawEntry(raster, entry, { x, y: (i % rowCount) * ROW_HEIGHT, width: columnWidth, nameWidth, theme });
  });
  return raster;
}

interface EntryPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly nameWidth: number;
  readonly theme: Theme;
}

function drawEntry(raster: Raster, { name, color, probability }: Entry, place: EntryPlace): void {
  const { x, y, width, theme } = place;
  const nameX = x + SWATCH + SWATCH_GAP;
  const barWidth = width - SWATCH - SWATCH_GAP - place.nameWidth - BAR_GAP - PERCENTAGE_WIDTH;
  const nameWidth = probability === undefined ? width - SWATCH - SWATCH_GAP : place.nameWidth;
  const text = { baseline: y + baselineOf('body') + 1, face: 'body', color: theme.text } as const;
  const swatchY = y + (ROW_HEIGHT - SWATCH) / 2;
  fillFramed(raster, { x, y: swatchY, width: SWATCH, height: SWATCH }, color, theme.border);
  drawText(raster, ellipsize(name, nameWidth, 'body'), { ...text, x: nameX });
  if (probability === undefined) return;
  const bar = { x: nameX + nameWidth + BAR_GAP, y: y + (ROW_HEIGHT - BAR_HEIGHT) / 2, height: BAR_HEIGHT };
  fillRect(raster, { ...bar, width: barWidth, color: theme.track });
  fillFramed(raster, { ...bar, width: Math.round(barWidth * probability) }, color, theme.border);
  const percentage = `${(100 * probability).toFixed(1)} %`;
  drawText(raster, percentage, { ...text, x: x + width - measureText(percentage, 'body') });
}

/** Pale colours need a border to show on paper; slivers are all colour. */
function fillFramed(raster: Raster, area: Rectangle, color: Rgb, border: Rgb): void {
  const { x, y, width, height } = area;
  if (width < 3) {
    fillRect(raster, { ...area, color });
    return;
  }
  fillRect(raster, { ...area, color: border });
  fillRect(raster, { x: x + 1, y: y + 1, width: width - 2, height: height - 2, color });
}
