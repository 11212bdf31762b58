import type { Net } from './net.ts';

/** [B, C, h, w] to [B, C, 1, 1]. */
export function globalMean({ builder, type }: Net, x: string): string {
  // onnxruntime has no GlobalAveragePool of float64.
  return type === 'float64'
    ? builder.op('ReduceMean', [x], { axes: [2, 3], keepdims: 1 })
    : builder.op('GlobalAveragePool', [x]);
}
