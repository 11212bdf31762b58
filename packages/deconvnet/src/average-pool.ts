import { mul, relu, sign, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type PoolPhases, unpool } from './pool-phases.ts';
import type { AxisGeometry } from './window-geometry.ts';

/** What the way back through an average pool needs, made once a graph. */
export interface AveragePoolBack {
  /** [1, oh, ow, 1]: one over the number of pixels in each window. */
  readonly share: Tensor4D;
  /** One a tile: 1 inside the window, 0 outside. */
  readonly members: readonly Tensor4D[];
}

export function prepareAveragePoolBack({ geometry: { y, x }, tiles }: PoolPhases): AveragePoolBack {
  const share = new Float32Array(y.output * x.output);
  for (let row = 0; row < y.output; row++) {
    for (let column = 0; column < x.output; column++) {
      share[row * x.output + column] = 1 / (pixelsInWindow(y, row) * pixelsInWindow(x, column));
    }
  }
  return {
    share: tensor4d(share, [1, y.output, x.output, 1]),
    members: tiles.map(({ rank }) => tidy(() => sign(relu(rank)))),
  };
}

function pixelsInWindow(axis: AxisGeometry, window: number): number {
  const start = window * axis.stride - axis.padBefore;
  return Math.min(start + axis.kernel, axis.input) - Math.max(start, 0);
}

/** An average pool spreads a response evenly over its window. [n, oh, ow, c] to [n, h, w, c]. */
export function averagePoolBackward(phases: PoolPhases, back: AveragePoolBack, response: Tensor4D): Tensor4D {
  return tidy(() => unpool(phases, mul(response, back.share), back.members));
}
