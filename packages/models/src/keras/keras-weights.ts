import { ModelFileError } from '../errors.ts';

/** One weight of the file. `values` is absent where the file holds another type than float32. */
export interface StoredWeight {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values?: Float32Array;
}

/** By their names in the file: `conv1/kernel`, `block1_conv1/block1_conv1_W_1:0`. */
export type KerasWeights = ReadonlyMap<string, StoredWeight>;

/**
 * A layer's weight by its exact name, or inside scopes: TensorFlow writes `scope/layer/kernel:0` and
 * `layer/cell/kernel` too.
 *
 * @throws ModelFileError where several could be meant.
 */
export function findWeight(weights: KerasWeights, layer: string, kind: string): StoredWeight | undefined {
  const exact = weights.get(`${layer}/${kind}`);
  if (exact) return exact;
  const matches = [...weights].filter(([key]) => {
    const path = `/${key.replace(/:0$/, '')}`;
    return path.endsWith(`/${kind}`) && path.includes(`/${layer}/`);
  });
  if (matches.length > 1) {
    throw new ModelFileError({
      asked: `layer "${layer}", ${kind}`,
      got: `several candidates: ${matches.map(([key]) => `"${key}"`).join(', ')}`,
      allowed: `one weight "${layer}/${kind}"`,
    });
  }
  return matches[0]?.[1];
}
