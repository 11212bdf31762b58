import type { Picture } from '@clearmaps/models';
import { type CapturedPicture, isBitmap, kindOf } from './capture-picture.ts';
import { ImageError } from './errors.ts';

/**
 * The bytes of a captured picture, at its own size: [H, W, C], as they came or with C = 4.
 *
 * @throws ImageError for a file that is no picture, or that nothing here decodes: Node does not.
 */
export async function readPicture(picture: CapturedPicture): Promise<Picture> {
  if (isBitmap(picture)) return readBitmap(picture);
  if ('data' in picture) return picture;
  const bitmap = await decode(picture);
  try {
    return readBitmap(bitmap);
  } finally {
    bitmap.close();
  }
}

function readBitmap(bitmap: ImageBitmap): Picture {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 };
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch (cause) {
    throw new ImageError({
      asked: 'an image to explain',
      got: `${kindOf(file)} of ${file.size} bytes and type "${file.type}": ${(cause as Error).message}`,
      allowed: 'an encoded picture that the browser can decode; in Node, decoded bytes with their shape',
      cause,
    });
  }
}
