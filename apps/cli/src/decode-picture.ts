import { join } from 'node:path';
import type { LayerGraph, Preprocessing } from '@clearmaps/deconvnet';
import { noFileInWords } from '@clearmaps/files';
import { groundOf } from '@clearmaps/models';
import sharp from 'sharp';
import { UsageError } from './errors.ts';

/** Pixels of a picture to keep: from left and top, up to but not including right and bottom. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface DecodeOptions extends Pick<Preprocessing, 'resize' | 'shortSide'> {
  /** Pixels of the result. */
  readonly width: number;
  readonly height: number;
  /** Of the net's input: they decide what shines through transparent parts, see `groundOf` of @clearmaps/models. */
  readonly channels: number;
  /** Turns dark on light into light on dark. */
  readonly invert?: boolean;
  /**
   * Default the whole picture; what lies outside the picture is left out. Where the centre is cut out, the part is
   * first widened to the shape of the result, as far as the picture goes: the ends of a dog are not to be cut off.
   */
  readonly part?: Part;
}

/** How a net wants its pictures; stretched where it does not say. */
export function decodingFor({
  inputShape: [height, width, channels],
  preprocessing,
}: Pick<LayerGraph, 'inputShape' | 'preprocessing'>): DecodeOptions {
  const { resize = 'stretch', shortSide } = preprocessing ?? {};
  return { width, height, channels, resize, ...(shortSide !== undefined && { shortSide }) };
}

/**
 * A picture, in a file or in memory, as [height, width, 3] bytes: turned upright, laid over its ground where it is
 * transparent, brought to size as the preprocessing says.
 *
 * @throws UsageError naming the file, where it is missing, damaged, huge or no picture.
 */
export async function decodePicture(
  picture: string | Uint8Array,
  options: DecodeOptions,
  name = String(picture),
): Promise<Uint8Array> {
  const {
    width,
    height,
    channels,
    resize,
    shortSide = Math.min(height, width),
    invert = false,
    part,
  } = options;
  try {
    // What is to be inverted is dark on light.
    const ground = invert ? 255 : groundOf(channels);
    let image = sharp(picture)
      .autoOrient()
      .flatten({ background: { r: ground, g: ground, b: ground } })
      .toColourspace('srgb');
    if (part) image = await cut(image, part, resize === 'stretch' ? undefined : width / height);
    if (invert) image = image.negate({ alpha: false });
    if (resize === 'stretch') {
      image = image.resize(width, height, { fit: 'fill' });
    } else {
      // No larger than the net's input asks for, as `fitPicture` of clearmaps: the larger, the more is cut off.
      const { data, info } = await image
        .resize(Math.max(shortSide, width), Math.max(shortSide, height), { fit: 'outside' })
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const left = Math.floor((info.width - width) / 2);
      const top = Math.floor((info.height - height) / 2);
      image = sharp(data, { raw: info }).extract({ left, top, width, height });
    }
    return new Uint8Array(await image.removeAlpha().raw().toBuffer());
  } catch (cause) {
    const instead = typeof picture === 'string' ? await noFileInWords(picture) : undefined;
    throw new UsageError({
      asked: `picture ${name}`,
      got: instead ?? (cause as Error).message,
      allowed: 'PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG, or mnist:INDEX',
      remedy:
        instead === 'a folder'
          ? `Give the files in it: ${join(name, '*.png')}`
          : 'Check the path and that the file is whole.',
      cause,
    });
  }
}

/** @param shape width over height that the part is widened to; default its own */
async function cut(image: sharp.Sharp, part: Part, shape?: number): Promise<sharp.Sharp> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { left, top } = part;
  const [width, height] = [Math.min(part.right, info.width) - left, Math.min(part.bottom, info.height) - top];
  const [wide, high] = shape === undefined ? [width, height] : [height * shape, width / shape];
  const columns = widened(left, width, wide, info.width);
  const rows = widened(top, height, high, info.height);
  return sharp(data, { raw: info }).extract({
    ...{ left: columns.start, width: columns.length },
    ...{ top: rows.start, height: rows.length },
  });
}

/** About the same middle, within 0..most; no shorter than it is. */
function widened(
  start: number,
  length: number,
  wanted: number,
  most: number,
): { readonly start: number; readonly length: number } {
  const longer = Math.min(most, Math.max(length, Math.round(wanted)));
  const moved = Math.round(start - (longer - length) / 2);
  return { start: Math.min(Math.max(0, moved), most - longer), length: longer };
}
