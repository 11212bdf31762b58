import { blit, createRaster, type Raster, type Rgb } from './raster.ts';

export interface StackOptions {
  /** Pixels between one block and the next. */
  readonly gap: number;
  /** Pixels left free on all four sides. */
  readonly margin: number;
  readonly background: Rgb;
}

/** Blocks one below the other, left edges aligned, as wide as the widest. */
export function stack(blocks: readonly Raster[], { gap, margin, background }: StackOptions): Raster {
  const width = Math.max(...blocks.map((block) => block.width)) + 2 * margin;
  const height = blocks.reduce((sum, block) => sum + block.height + gap, 2 * margin - gap);
  const raster = createRaster(width, height, background);
  let y = margin;
  for (const block of blocks) {
    blit(raster, block, margin, y);
    y += block.height + gap;
  }
  return raster;
}
