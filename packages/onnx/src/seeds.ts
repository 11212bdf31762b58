import type { Sweep } from './sweep.ts';

/**
 * What a sweep starts from.
 *
 * @param map channels of z_L, [B, channels, h, w]
 */
export function writeSeeds(
  { net: { builder, plan }, options, trace }: Sweep,
  map: string,
  channels: number,
): string {
  if (options.seed === 'activation') return map;
  if (options.seed === 'positive') return builder.op('Relu', [map]);
  const [height, width] = plan.featureMap.shape;
  const images = builder.slice(builder.op('Shape', [trace.featureMap()]), 0, 0, 1);
  const ones = builder.floats([1, channels, height, width], Array(channels * height * width).fill(1));
  const shape = builder.op('Concat', [images, builder.ints([1, 1, 1])], { axis: 0 });
  return builder.op('Expand', [ones, shape]);
}
