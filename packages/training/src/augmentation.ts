import { TrainingError } from './errors.ts';
import type { Random } from './random.ts';

/** Random changes of training images, drawn anew each time an image is seen. Evaluation takes none. */
export interface AugmentationOptions {
  /** Largest shift along each axis, pixels, from 0; any fraction of a pixel is as likely. Default 0. */
  readonly shift?: number;
  /** Largest turn to either side, degrees, 0..180. Default 0. */
  readonly rotate?: number;
  /** Largest change of size, as a share, 0 <= x < 1: 0.1 gives 0.9..1.1. Default 0. */
  readonly scale?: number;
  /** The byte outside the picture, 0..255, or 'edge': what the nearest pixel of the picture has. Default 0. */
  readonly background?: number | 'edge';
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Turns, scales and shifts one image about its centre, by bilinear interpolation.
 *
 * @param source [height, width, channels], bytes 0..255
 * @param target the same size, filled with values 0..255
 * @param random always drawn from four times, so that one option does not change what another draws
 */
export function augmentImage(
  source: Uint8Array,
  target: Float32Array,
  size: ImageSize,
  { shift = 0, rotate = 0, scale = 0, background = 0 }: AugmentationOptions,
  random: Random,
): void {
  const turn = (random.between(-rotate, rotate) * Math.PI) / 180;
  const zoom = random.between(1 - scale, 1 + scale);
  const down = random.between(-shift, shift);
  const right = random.between(-shift, shift);
  const cos = Math.cos(turn) / zoom;
  const sin = Math.sin(turn) / zoom;
  const { height, width, channels } = size;
  const centreY = (height - 1) / 2;
  const centreX = (width - 1) / 2;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const y = row - centreY - down;
      const x = column - centreX - right;
      const sourceY = cos * y - sin * x + centreY;
      const sourceX = sin * y + cos * x + centreX;
      sample(source, size, sourceY, sourceX, background, target, (row * width + column) * channels);
    }
  }
}

function sample(
  source: Uint8Array,
  { height, width, channels }: ImageSize,
  y: number,
  x: number,
  background: number | 'edge',
  target: Float32Array,
  offset: number,
): void {
  const top = Math.floor(y);
  const left = Math.floor(x);
  const below = y - top;
  const beside = x - left;
  for (let channel = 0; channel < channels; channel++) {
    let value = 0;
    for (let corner = 0; corner < 4; corner++) {
      const atY = top + (corner >> 1);
      const atX = left + (corner & 1);
      const weight = (corner >> 1 ? below : 1 - below) * (corner & 1 ? beside : 1 - beside);
      const nearY = Math.min(Math.max(atY, 0), height - 1);
      const nearX = Math.min(Math.max(atX, 0), width - 1);
      const inside = atY === nearY && atX === nearX;
      const byte =
        inside || background === 'edge' ? source[(nearY * width + nearX) * channels + channel]! : background;
      value += weight * byte;
    }
    target[offset + channel] = value;
  }
}

/** @throws TrainingError for options out of range. */
export function checkAugmentation({
  shift = 0,
  rotate = 0,
  scale = 0,
  background = 0,
}: AugmentationOptions): void {
  const rows: [string, number, number, string][] = [
    ['shift', shift, Number.MAX_VALUE, 'pixels from 0'],
    ['rotate', rotate, 180, 'degrees, 0..180'],
    ['scale', scale, 1 - Number.EPSILON, '0 <= x < 1'],
    ['background', background === 'edge' ? 0 : background, 255, '0..255, or "edge"'],
  ];
  for (const [name, value, most, allowed] of rows) {
    if (!(value >= 0 && value <= most)) {
      throw new TrainingError({ asked: `augmentation: ${name}`, got: String(value), allowed });
    }
  }
}
