import type { LayerGraph } from '@clearmaps/deconvnet/graph';
import { groundOf, type Picture } from '@clearmaps/models';
import { type AnyPicture, type CapturedPicture, capturePicture, isBitmap } from './capture-picture.ts';
import { ImageError } from './errors.ts';
import { readPicture } from './read-picture.ts';

/**
 * The picture that the net sees: transparent parts laid over white, or over black for a net of gray; scaled to the
 * size of its input, and cut, as the model's preprocessing says. What `drawViews` lays its maps on.
 *
 * @returns bytes, [H, W, C]: as they came where the size is right and nothing is transparent, else with C = 4
 * @throws ImageError for what is no picture, has not loaded, or may not be read.
 */
export async function fitPicture(image: AnyPicture, model: LayerGraph): Promise<Picture> {
  const captured = await capturePicture(image);
  try {
    return await fitCaptured(captured, model);
  } finally {
    if (isBitmap(captured)) captured.close();
  }
}

/** As {@link fitPicture}, of a picture that has been captured before. */
export async function fitCaptured(captured: CapturedPicture, model: LayerGraph): Promise<Picture> {
  const [height, width, depth] = model.inputShape;
  const picture = opaque(await readPicture(captured), groundOf(depth));
  if (picture.width === width && picture.height === height) return picture;
  const { resize, shortSide = Math.min(width, height) } = preprocessingOf(model);
  const rgba = withAlpha(picture);
  if (resize === 'stretch') return scaled(rgba, width, height);
  // No smaller than the net's input, whatever the model says.
  const factor = Math.max(
    shortSide / Math.min(picture.width, picture.height),
    width / picture.width,
    height / picture.height,
  );
  const whole = await scaled(
    rgba,
    Math.max(width, Math.round(picture.width * factor)),
    Math.max(height, Math.round(picture.height * factor)),
  );
  return centre(whole, width, height);
}

/** @throws ImageError where the model does not say. */
export function preprocessingOf(model: LayerGraph): NonNullable<LayerGraph['preprocessing']> {
  if (model.preprocessing !== undefined) return model.preprocessing;
  throw new ImageError({
    asked: `a picture as input of "${model.name}"`,
    got: 'a model that does not say how pictures become its input',
    remedy: 'Set model.preprocessing, or give network input: a Float32Array of [H, W, C].',
  });
}

/** Before it is scaled: the hidden colour of a transparent pixel must not run into its neighbours. */
function opaque(picture: Picture, ground: number): Picture {
  const { data, width, height, channels } = picture;
  if (channels !== 4 || data.every((byte, i) => i % 4 !== 3 || byte === 255)) return picture;
  const rgba = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) {
    const alpha = data[i | 3]! / 255;
    rgba[i] = i % 4 === 3 ? 255 : data[i]! * alpha + ground * (1 - alpha);
  }
  return { data: rgba, width, height, channels };
}

function withAlpha({ data, width, height, channels }: Picture): Picture {
  if (channels === 4) return { data, width, height, channels };
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) rgba[4 * pixel + c] = data[pixel * channels + (channels === 1 ? 0 : c)]!;
  }
  return { data: rgba, width, height, channels: 4 };
}

/** The same bytes in every browser and in Node, where a canvas scales as each browser likes. */
async function scaled({ data, width, height }: Picture, toWidth: number, toHeight: number): Promise<Picture> {
  const { Pica } = await import('pica');
  const resized = await new Pica({ features: ['js'] }).resizeBuffer({
    src: data,
    width,
    height,
    toWidth,
    toHeight,
    filter: 'lanczos3',
  });
  return { data: resized, width: toWidth, height: toHeight, channels: 4 };
}

function centre(picture: Picture, width: number, height: number): Picture {
  const left = Math.floor((picture.width - width) / 2);
  const top = Math.floor((picture.height - height) / 2);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 4;
    data.set(picture.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { data, width, height, channels: 4 };
}
