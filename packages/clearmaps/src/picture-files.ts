import type { Raster } from '@clearmaps/colormap';
import { noFileInWords, writeWhole } from '@clearmaps/files';
import type { Picture } from '@clearmaps/models';
import sharp from 'sharp';
import { ImageError } from './errors.ts';

/** 400 MB of pixels. */
const MOST_PIXELS = 100_000_000;

/**
 * Reads a picture file in Node, for `explain`: PNG, JPEG, WebP, GIF (its first frame), TIFF, AVIF or SVG.
 *
 * @returns RGBA bytes, [H, W, 4], at the picture's own size, turned upright.
 * @throws ImageError naming the file, where it is missing, damaged, no picture, or of more than 100 million pixels.
 */
export async function readPictureFile(path: string): Promise<Picture> {
  try {
    const { data, info } = await sharp(path, { limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, channels: 4 };
  } catch (cause) {
    throw new ImageError({
      asked: `picture ${path}`,
      got: (await noFileInWords(path)) ?? (cause as Error).message,
      allowed: 'PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG, of at most 100 million pixels',
      cause,
    });
  }
}

/**
 * Writes what `drawClearMap` and `drawViews` draw as a PNG file: whole or not at all.
 *
 * @param path ends in .png
 * @throws ImageError naming the file, where it has another ending or cannot be written.
 */
export async function writePictureFile(path: string, { data, width, height }: Raster): Promise<void> {
  if (!/\.png$/i.test(path)) {
    throw new ImageError({
      asked: `to write ${path}`,
      got: 'a name that promises no PNG',
      allowed: 'names that end in .png',
      remedy: 'For other formats give the bytes to a library such as sharp: raw, 4 channels.',
    });
  }
  try {
    const png = await sharp(data, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
    await writeWhole(path, png);
  } catch (cause) {
    throw new ImageError({ asked: `to write ${path}`, got: (cause as Error).message, cause });
  }
}
