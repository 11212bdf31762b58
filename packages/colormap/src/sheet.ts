export { composeSheet, type SheetOptions } from './compose-sheet.ts';
export { firstName } from './first-name.ts';
export type { FaceName } from './glyphs.ts';
export { type LegendOptions, legend } from './legend.ts';
export type { Panel } from './panel-grid.ts';
export { drawText, ellipsize, measureText, type TextPlacement, wrapText } from './text.ts';
export type { ThemeName } from './theme.ts';
