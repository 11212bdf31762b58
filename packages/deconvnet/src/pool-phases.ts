import {
  add,
  maxPool,
  mul,
  ones,
  pad,
  relu,
  reshape,
  slice,
  sub,
  type Tensor,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import type { AxisGeometry, WindowGeometry } from './window-geometry.ts';

/**
 * A pool's windows cut into tiles as large as its stride. A window of size k and stride s covers ceil(k / s)
 * tiles an axis; the pixel at place p of tile a belongs to it where a*s + p < k. With k = s there is one tile:
 * the pool does not overlap. Working tile by tile turns every step on windows into elementwise ops on
 * [b, oh*s, ow*s, c], which every backend runs alike, to the bit.
 */
export interface PoolPhases {
  readonly geometry: WindowGeometry;
  readonly tiles: readonly PoolTile[];
}

export interface PoolTile {
  /** Pixels from the window's first row and column. */
  readonly top: number;
  readonly left: number;
  /**
   * [1, oh*s, ow*s, 1]: window size minus the pixel's row-major index in the window, so the first pixel weighs
   * most; 0 outside the window and in the padding.
   */
  readonly rank: Tensor4D;
}

export function preparePoolPhases(geometry: WindowGeometry): PoolPhases {
  const { y, x } = geometry;
  const tiles: PoolTile[] = [];
  for (let top = 0; top < y.kernel; top += y.stride) {
    for (let left = 0; left < x.kernel; left += x.stride) {
      const rows = y.output * y.stride;
      const columns = x.output * x.stride;
      const rank = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        const kernelY = insideWindow(y, row, top);
        if (kernelY < 0) continue;
        for (let column = 0; column < columns; column++) {
          const kernelX = insideWindow(x, column, left);
          if (kernelX >= 0)
            rank[row * columns + column] = y.kernel * x.kernel - (kernelY * x.kernel + kernelX);
        }
      }
      tiles.push({ top, left, rank: tensor4d(rank, [1, rows, columns, 1]) });
    }
  }
  return { geometry, tiles };
}

/** The place in its window of position `at` of a tile row that starts `offset` into the window; -1 where none. */
function insideWindow(axis: AxisGeometry, at: number, offset: number): number {
  const place = offset + (at % axis.stride);
  const pixel = at + offset - axis.padBefore;
  return place < axis.kernel && pixel >= 0 && pixel < axis.input ? place : -1;
}

/** The pixels of one tile of every window: [b, h, w, c] to [b, oh*s, ow*s, c], zeros where there is no pixel. */
export function tilePixels({ geometry: { y, x } }: PoolPhases, tile: PoolTile, image: Tensor4D): Tensor4D {
  return shifted(
    image,
    y.padBefore - tile.top,
    y.output * y.stride,
    x.padBefore - tile.left,
    x.output * x.stride,
  );
}

/** The adjoint of {@link tilePixels}: [b, oh*s, ow*s, c] to [b, h, w, c]. */
export function placeTile({ geometry: { y, x } }: PoolPhases, tile: PoolTile, pixels: Tensor4D): Tensor4D {
  return shifted(pixels, tile.top - y.padBefore, y.input, tile.left - x.padBefore, x.input);
}

/** Shifts an image down and right by (top, left), negative values up and left, and cuts or fills to size. */
export function shifted(image: Tensor4D, top: number, height: number, left: number, width: number): Tensor4D {
  const [batch, rows, columns, channels] = image.shape;
  if (top === 0 && left === 0 && rows === height && columns === width) return forAnotherOwner(image);
  return tidy(() => {
    const padded = pad(image, [
      [0, 0],
      [Math.max(top, 0), Math.max(height - top - rows, 0)],
      [Math.max(left, 0), Math.max(width - left - columns, 0)],
      [0, 0],
    ]);
    return slice(padded, [0, Math.max(-top, 0), Math.max(-left, 0), 0], [batch, height, width, channels]);
  });
}

/** Repeats each window's value over its tile: [b, oh, ow, c] to [b, oh*s, ow*s, c]. */
export function overTile({ geometry: { y, x } }: PoolPhases, windows: Tensor4D): Tensor4D {
  const [batch, rows, columns, channels] = windows.shape;
  return tidy(() =>
    reshape(
      mul(reshape(windows, [batch * rows, 1, columns, 1, channels]), ones([1, y.stride, 1, x.stride, 1])),
      [batch, rows * y.stride, columns * x.stride, channels],
    ),
  ) as Tensor4D;
}

/** The largest value of each tile: [b, oh*s, ow*s, c] to [b, oh, ow, c]. */
export function maxOfTile({ geometry: { y, x } }: PoolPhases, pixels: Tensor4D): Tensor4D {
  return maxPool(pixels, [y.stride, x.stride], [y.stride, x.stride], 'valid');
}

/**
 * U of CLEAR eq. 2: sends one value a window back to its pixels, each multiplied by the tile's mask. Pixels that
 * windows share add up, pixels that no window covers get 0. The n*b images of `response` are n groups of the b
 * images that the masks belong to.
 *
 * @param response [n*b, oh, ow, c]
 * @param masks one a tile: [b, oh*s, ow*s, c], or [1, oh*s, ow*s, 1] for all alike
 * @returns [n*b, h, w, c]
 */
export function unpool(phases: PoolPhases, response: Tensor4D, masks: readonly Tensor4D[]): Tensor4D {
  const { y, x } = phases.geometry;
  const [images, rows, columns, channels] = response.shape;
  return tidy(() => {
    let sum: Tensor4D | undefined;
    for (const [i, tile] of phases.tiles.entries()) {
      const mask = masks[i]!;
      const lead = mask.shape[0] * rows;
      // As large as all responses of a sweep: nothing waits for the end of the outer tidy.
      const before = sum;
      sum = tidy(() => {
        const spread = mul<Tensor>(
          reshape(response, [(images * rows) / lead, lead, 1, columns, 1, channels]),
          reshape(mask, [1, lead, y.stride, columns, x.stride, mask.shape[3]]),
        );
        const pixels = reshape(spread, [images, rows * y.stride, columns * x.stride, channels]) as Tensor4D;
        spread.dispose();
        const placed = placeTile(phases, tile, pixels);
        pixels.dispose();
        return before === undefined ? placed : add<Tensor4D>(before, placed);
      });
      before?.dispose();
    }
    return sum!;
  });
}

/** Elementwise maximum of whole numbers up to 2^23, exact; tfjs' own Maximum is twenty times slower on wasm. */
export function maxOfWholeNumbers(a: Tensor4D, b: Tensor4D): Tensor4D {
  return tidy(() => add(a, relu(sub(b, a))));
}
