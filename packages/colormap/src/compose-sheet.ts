import { type LegendOptions, legend } from './legend.ts';
import { type Panel, panelGrid } from './panel-grid.ts';
import type { Raster } from './raster.ts';
import { stack } from './stack.ts';
import { textBlock } from './text-block.ts';
import { type ThemeName, themeOf } from './theme.ts';

export interface SheetOptions {
  /** Above everything, at most two lines; longer text ends in an ellipsis. */
  readonly title: string;
  /** A quieter line under the title, treated likewise. */
  readonly subtitle?: string;
  /** At least one; they wrap into even rows. */
  readonly panels: readonly Panel[];
  /** What the colours mean, with probabilities as bars; left out where no panel has class colours. */
  readonly legend?: Omit<LegendOptions, 'width' | 'theme'>;
  /** Below everything, at most four lines; longer text ends in an ellipsis. */
  readonly footnote?: string;
  /** Small pictures are enlarged by a whole factor up to this many pixels; 224 unless told. Larger ones stay. */
  readonly panelSize?: number;
  /** So many panels in turn belong together: they stand in one row, apart from the next. One unless told. */
  readonly groupSize?: number;
  /** Where rows of panels wrap, margins not counted, in pixels; 1200 unless told. */
  readonly maxWidth?: number;
  /** `'light'` unless told: black maps stand out, and it prints. */
  readonly theme?: ThemeName;
}

const MARGIN = 24;
const BLOCK_GAP = 18;
const LEAST_WIDTH = 460;

/**
 * One picture that tells the whole story of a decision: title, panels with captions, the classes with
 * their colours and probabilities, and a footnote. All text is anti-aliased; characters outside Latin-1
 * lose their accents or, failing that, become a hollow box.
 *
 * @throws ColormapError without panels, on sizes that are not positive integers, and as `legend` does.
 */
export function composeSheet(options: SheetOptions): Raster {
  const {
    title,
    subtitle,
    panels,
    footnote,
    panelSize = 224,
    groupSize = 1,
    maxWidth = 1200,
    theme: themeName = 'light',
  } = options;
  const theme = themeOf(themeName);
  const { background, text, muted } = theme;
  const grid = panelGrid({ panels, panelSize, groupSize, maxWidth, theme });
  const width = Math.max(LEAST_WIDTH, grid.width);
  const header = [textBlock(title, { width, face: 'title', maxLines: 2, color: text, background })];
  if (subtitle) {
    header.push(textBlock(subtitle, { width, face: 'body', maxLines: 2, color: muted, background }));
  }
  const blocks = [stack(header, { gap: 2, margin: 0, background }), grid];
  if (options.legend) blocks.push(legend({ ...options.legend, width, theme: themeName }));
  if (footnote)
    blocks.push(textBlock(footnote, { width, face: 'body', maxLines: 4, color: muted, background }));
  return stack(blocks, { gap: BLOCK_GAP, margin: MARGIN, background });
}
