import {
  cast,
  equal,
  gather,
  greater,
  max,
  mul,
  ones,
  relu,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import type { Reduction } from './reductions.ts';

/** [..., C] to [...]. The caller disposes it. */
export function reduceChannels(responses: Tensor, reduction: Reduction): Tensor {
  const axis = responses.rank - 1;
  if (responses.shape[axis] === 1 && reduction !== 'l2')
    return reshape(responses, responses.shape.slice(0, -1));
  if (reduction === 'sum') return sum(responses, axis);
  return reduction === 'max' ? max(responses, axis) : tidy(() => sqrt(sum(square(responses), axis)));
}

/** The dominant class and its response at every pixel of a flattened stack of images, P pixels in all. */
export type Dominant = {
  /** CLEAR eq. 4: index in the model's class list, int32 [P]. */
  readonly classes: Tensor1D;
  /** CLEAR eq. 5: R at that class, signed and unscaled, float32 [P]. */
  readonly responses: Tensor1D;
};

/**
 * Signed argmax over classes; the first of the asked classes wins ties, on every backend alike.
 *
 * @param maps [n, P]
 * @param classes the n class indices of the rows
 */
export function dominantOf(maps: Tensor2D, classes: readonly number[]): Dominant {
  return tidy(() => {
    const [count, pixels] = maps.shape;
    const responses = max(maps, 0) as Tensor1D;
    const everywhere = mul(ones([count, 1]), reshape(responses, [1, pixels]));
    // The first row that reaches the maximum has the largest of the weights count, count - 1, ..., 1.
    const weights = tensor1d(classes.map((_, row) => count - row));
    const winners = mul(cast(equal(maps, everywhere), 'float32'), reshape(weights, [count, 1]));
    // Where a NaN beats all comparisons no row wins; it then counts for the last one, not for one past the end.
    const rows = cast(sub(count - 1, relu(sub(max(winners, 0), 1))), 'int32');
    return { classes: gather(tensor1d(classes as number[], 'int32'), rows) as Tensor1D, responses };
  });
}

/** The dominant maps over both sets of classes, those of `earlier` winning ties. Disposes both. */
export function mergeDominant(earlier: Dominant, later: Dominant): Dominant {
  try {
    return tidy(() => {
      const wins = greater(later.responses, earlier.responses);
      return {
        classes: where(wins, later.classes, earlier.classes) as Tensor1D,
        responses: where(wins, later.responses, earlier.responses) as Tensor1D,
      };
    });
  } finally {
    for (const { classes, responses } of [earlier, later]) {
      classes.dispose();
      responses.dispose();
    }
  }
}
