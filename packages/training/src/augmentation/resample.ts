import type { CropWindow } from './crop-window.ts';
import type { DisplacementField } from './elastic-field.ts';

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The value outside a picture, 0..255, or 'edge': what the nearest pixel of the picture has. */
export type Background = number | 'edge';

/** How a picture is laid into its frame. The frame has the picture's size. */
export interface Placement {
  /** Clockwise about the centre, radians; default 0. */
  readonly turn?: number;
  /** Times as large, about the centre; default 1. */
  readonly zoom?: number;
  /** Pixels; default 0. */
  readonly down?: number;
  readonly right?: number;
  /** The part of the turned, scaled and shifted picture that fills the frame; default all. */
  readonly window?: CropWindow;
  /** Left and right exchanged, last of all; default false. */
  readonly mirrored?: boolean;
  /** How far from there each pixel is read, pixels of the picture; default nowhere. */
  readonly field?: DisplacementField;
}

/**
 * Places one picture by bilinear interpolation. All of the placement is one map, so that a picture is interpolated
 * once and no further step blurs it again.
 *
 * @param source [height, width, channels], bytes 0..255
 * @param target the same size, filled with values 0..255
 */
export function resample(
  source: Uint8Array,
  target: Float32Array,
  size: ImageSize,
  { turn = 0, zoom = 1, down = 0, right = 0, window, mirrored = false, field }: Placement,
  background: Background,
): void {
  const cos = Math.cos(turn) / zoom;
  const sin = Math.sin(turn) / zoom;
  const { height, width, channels } = size;
  const centreY = (height - 1) / 2;
  const centreX = (width - 1) / 2;
  const rows = within(height, window?.top, window?.height, false);
  const columns = within(width, window?.left, window?.width, mirrored);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = row * width + column;
      const y = rows[row]! - centreY - down;
      const x = columns[column]! - centreX - right;
      let sourceY = cos * y - sin * x + centreY;
      let sourceX = sin * y + cos * x + centreX;
      if (field) {
        sourceY += field.down[pixel]!;
        sourceX += field.right[pixel]!;
      }
      sample(source, size, sourceY, sourceX, background, target, pixel * channels);
    }
  }
}

/** Where the pixels of an axis lie in a window that is stretched over it, by their centres. */
function within(length: number, start = 0, share = 1, mirrored: boolean): Float64Array {
  return Float64Array.from({ length }, (_, i) => {
    const place = mirrored ? length - 1 - i : i;
    return share === 1 ? place : start * length + (place + 0.5) * share - 0.5;
  });
}

function sample(
  source: Uint8Array,
  { height, width, channels }: ImageSize,
  y: number,
  x: number,
  background: Background,
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
