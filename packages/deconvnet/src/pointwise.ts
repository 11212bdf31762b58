import type { Conv2dLayer } from './layer-graph.ts';

/** Whether a convolution maps each pixel's channels by themselves: 1x1, stride 1. */
export function isPointwise({ kernel, strides }: Conv2dLayer): boolean {
  return [...kernel.shape.slice(0, 2), ...strides].every((size) => size === 1);
}
