import { cast, equal, mul, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import {
  maxOfTile,
  maxOfWholeNumbers,
  overTile,
  type PoolPhases,
  type PoolTile,
  tilePixels,
} from './pool-phases.ts';

/**
 * The switches of a forward max pool (Zeiler & Fergus 2014, section 2.1): 1 at the position of each window's
 * maximum, 0 elsewhere; among equal values the first in row-major order of the window; padding never wins. One
 * mask a tile, [b, oh*s, ow*s, c].
 *
 * Only comparisons, products with 0 or 1 and maxima of small whole numbers: bit-exact on every backend, where
 * tfjs' MaxPoolWithArgmax and MaxPoolGrad are not (ties go to the last position on some, windows at or below 0
 * are lost on wasm).
 *
 * @param image what the pool received, [b, h, w, c]
 * @param pooled what it gave, [b, oh, ow, c]
 */
export function findSwitches(phases: PoolPhases, image: Tensor4D, pooled: Tensor4D): Tensor4D[] {
  return tidy(() => {
    const maximum = overTile(phases, pooled);
    const ranks = phases.tiles.map((tile) =>
      mul<Tensor4D>(cast(equal(tilePixels(phases, tile, image), maximum), 'float32'), tile.rank),
    );
    const first = overTile(phases, maxOfTile(phases, ranks.reduce(maxOfWholeNumbers)));
    return ranks.map((rank) => cast(equal<Tensor4D>(rank, first), 'float32'));
  });
}

/**
 * The same switches by where they are: of each window the row-major index of its pixel, y * w + x, in [b, oh, ow, c].
 * Whole numbers in float32, exact in images of up to 2^24 pixels.
 *
 * @param switches as {@link findSwitches} gives them
 */
export function switchPlaces(phases: PoolPhases, switches: readonly Tensor4D[]): Tensor4D {
  return tidy(() =>
    phases.tiles
      .map((tile, i) => maxOfTile(phases, mul(switches[i]!, pixelIndices(phases, tile))))
      .reduce(maxOfWholeNumbers),
  );
}

/** [1, oh*s, ow*s, 1]: the row-major index of each pixel of a tile, 0 where there is none. */
function pixelIndices({ geometry: { y, x } }: PoolPhases, tile: PoolTile): Tensor4D {
  const rows = y.output * y.stride;
  const columns = x.output * x.stride;
  const indices = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const pixelY = row + tile.top - y.padBefore;
    if (pixelY < 0 || pixelY >= y.input) continue;
    for (let column = 0; column < columns; column++) {
      const pixelX = column + tile.left - x.padBefore;
      if (pixelX >= 0 && pixelX < x.input) indices[row * columns + column] = pixelY * x.input + pixelX;
    }
  }
  return tensor4d(indices, [1, rows, columns, 1]);
}
