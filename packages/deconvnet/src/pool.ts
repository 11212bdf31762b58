import { avgPool, maxPool, type Tensor4D } from '@tensorflow/tfjs-core';
import type { PoolLayer } from './layer-graph.ts';
import { explicitPadding, type WindowGeometry } from './window-geometry.ts';

/** The forward pass of a pool: [b, h, w, c] to [b, oh, ow, c], padding left out of maxima and means. */
export function pool(layer: PoolLayer, x: Tensor4D, geometry: WindowGeometry): Tensor4D {
  const run = layer.type === 'maxPool2d' ? maxPool : avgPool;
  return run(
    x,
    layer.poolSize as [number, number],
    layer.strides as [number, number],
    explicitPadding(geometry),
  );
}
