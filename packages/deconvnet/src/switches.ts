import { cast, equal, mul, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { maxOfTile, maxOfWholeNumbers, overTile, type PoolPhases, tilePixels } from './pool-phases.ts';

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
