import {
  gather,
  ones,
  relu,
  reshape,
  type Tensor,
  type Tensor4D,
  tensor1d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { Seed } from './seeds.ts';

/**
 * The seeds of the asked classes without their zeros: [n, B*h*w, 1], class by class. Keeping channel c alone
 * makes a thousand-class net a thousand times smaller here than one-hot feature maps would.
 *
 * @param featureMap z_L, [B, h, w, N]
 */
export function compactSeeds(featureMap: Tensor4D, seed: Seed, classes: readonly number[]): Tensor {
  const [batch, height, width] = featureMap.shape;
  const places = batch * height * width;
  if (seed === 'unit') return ones([classes.length, places, 1]);
  return tidy(() => {
    const channels = channelsOf(featureMap, classes);
    return seed === 'positive' ? relu(channels) : channels;
  });
}

/** The channels of the asked classes, channel outermost: [B, h, w, N] to [n, B*h*w, 1]. */
export function channelsOf(map: Tensor4D, classes: readonly number[]): Tensor {
  return tidy(() => {
    const [batch, height, width, count] = map.shape;
    const byClass = transpose(reshape(map, [batch * height * width, count]), [1, 0]);
    const all = classes.length === count && classes.every((c, i) => c === i);
    const chosen = all ? byClass : gather(byClass, tensor1d(classes as number[], 'int32'));
    return reshape(chosen, [classes.length, batch * height * width, 1]);
  });
}
