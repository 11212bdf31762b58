import type { Preprocessing } from '@clearmaps/deconvnet';
import sharp from 'sharp';
import { UsageError } from './errors.ts';

export interface DecodeOptions extends Pick<Preprocessing, 'resize' | 'shortSide'> {
  /** Pixels of the result. */
  readonly width: number;
  readonly height: number;
  /** Turns dark on light into light on dark. */
  readonly invert?: boolean;
}

/**
 * A picture file as [height, width, 3] bytes: turned upright, transparency laid on the background, brought to size
 * as the preprocessing says.
 *
 * @throws UsageError naming the file, where it is missing, damaged, huge or no picture.
 */
export async function decodePicture(path: string, options: DecodeOptions): Promise<Uint8Array> {
  const { width, height, resize, shortSide = Math.min(height, width), invert = false } = options;
  try {
    // Transparent parts count as background: black as in MNIST, or white where the picture is inverted.
    let image = sharp(path)
      .autoOrient()
      .flatten({ background: invert ? '#fff' : '#000' })
      .toColourspace('srgb');
    if (invert) image = image.negate({ alpha: false });
    if (resize === 'stretch') {
      image = image.resize(width, height, { fit: 'fill' });
    } else {
      const side = Math.max(shortSide, height, width);
      const { data, info } = await image
        .resize(side, side, { fit: 'outside' })
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const left = Math.floor((info.width - width) / 2);
      const top = Math.floor((info.height - height) / 2);
      image = sharp(data, { raw: info }).extract({ left, top, width, height });
    }
    return new Uint8Array(await image.removeAlpha().raw().toBuffer());
  } catch (cause) {
    throw new UsageError({
      asked: `picture ${path}`,
      got: (cause as Error).message,
      allowed: 'PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG, or mnist:INDEX',
      remedy: 'Check the path and that the file is whole.',
      cause,
    });
  }
}
