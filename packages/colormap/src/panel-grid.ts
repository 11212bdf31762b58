import { requireInteger } from './checks.ts';
import { blit, createRaster, enlarge, fillRect, type Raster } from './raster.ts';
import { stack } from './stack.ts';
import { textBlock } from './text-block.ts';
import type { Theme } from './theme.ts';

/** One picture of a sheet. */
export interface Panel {
  readonly raster: Raster;
  /** Beneath the picture, at most two lines; longer text ends in an ellipsis. */
  readonly caption: string;
  /** A quieter remark beneath the caption, at most three lines; longer text ends in an ellipsis. */
  readonly note?: string;
}

export interface PanelGridOptions {
  readonly panels: readonly Panel[];
  /** Small rasters are enlarged by the largest whole factor that keeps them within this many pixels. */
  readonly panelSize: number;
  /** So many panels in turn belong together: they stand in one row, apart from the next. One unless told. */
  readonly groupSize?: number;
  /** Rows are filled evenly and are at most this many pixels wide, but hold at least one group. */
  readonly maxWidth: number;
  readonly theme: Theme;
}

const GAP = 20;
const GROUP_GAP = 52;
const BORDER = 1;
const CAPTION_GAP = 6;

/** Panels in rows, each with a thin border and its caption. */
export function panelGrid({ panels, panelSize, groupSize = 1, maxWidth, theme }: PanelGridOptions): Raster {
  requireInteger(panels.length, 1, 'sheet: number of panels');
  requireInteger(panelSize, 16, 'sheet: panelSize');
  requireInteger(groupSize, 1, 'sheet: groupSize');
  const frames = panels.map(({ raster }) => frame(raster, panelSize, theme));
  const cellWidth = Math.max(...frames.map(({ width }) => width));
  const pitch = cellWidth + GAP;
  const extra = groupSize > 1 ? GROUP_GAP - GAP : 0;
  const most = Math.max(1, Math.floor((maxWidth + GAP + extra) / (groupSize * pitch + extra)));
  const groupCount = Math.ceil(panels.length / groupSize);
  const rowCount = Math.ceil(groupCount / most);
  const columns = Math.ceil(groupCount / rowCount) * groupSize;
  const left = (column: number): number => column * pitch + Math.floor(column / groupSize) * extra;
  const captions = panels.map((panel) => captionBlock(panel, cellWidth, theme));
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const from = row * columns;
    return panelRow(frames.slice(from, from + columns), captions.slice(from, from + columns), left, theme);
  });
  return stack(rows, { gap: GAP, margin: 0, background: theme.background });
}

/** Captions start level, beneath the highest picture of the row. */
function panelRow(
  frames: readonly Raster[],
  captions: readonly Raster[],
  left: (column: number) => number,
  theme: Theme,
): Raster {
  const picturesHeight = Math.max(...frames.map(({ height }) => height)) + CAPTION_GAP;
  const captionsHeight = Math.max(...captions.map(({ height }) => height));
  const row = createRaster(
    left(frames.length - 1) + captions[0]!.width,
    picturesHeight + captionsHeight,
    theme.background,
  );
  frames.forEach((picture, column) => {
    blit(row, picture, left(column), 0);
    blit(row, captions[column]!, left(column), picturesHeight);
  });
  return row;
}

function frame(raster: Raster, panelSize: number, theme: Theme): Raster {
  const factor = Math.max(1, Math.floor(panelSize / Math.max(raster.width, raster.height)));
  const { width, height } = { width: raster.width * factor, height: raster.height * factor };
  const framed = createRaster(width + 2 * BORDER, height + 2 * BORDER, theme.border);
  // Transparent pixels show the paper, as they would in a page.
  fillRect(framed, { x: BORDER, y: BORDER, width, height, color: theme.background });
  blit(framed, enlarge(raster, factor), BORDER, BORDER);
  return framed;
}

function captionBlock({ caption, note }: Panel, width: number, theme: Theme): Raster {
  const { background, text, muted } = theme;
  const blocks = [textBlock(caption, { width, face: 'strong', maxLines: 2, color: text, background })];
  if (note) blocks.push(textBlock(note, { width, face: 'body', maxLines: 3, color: muted, background }));
  return stack(blocks, { gap: 0, margin: 0, background });
}
