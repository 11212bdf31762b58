import type { LayerBody } from './graph-builder.ts';

/** What batch normalisation has learnt, [C] each; gamma is 1 and beta 0 where they are absent. */
export interface BatchStatistics {
  readonly gamma?: Float32Array;
  readonly beta?: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

/** gamma (x - mean) / sqrt(variance + epsilon) + beta (Ioffe & Szegedy 2015, algorithm 2) as x * scale + shift. */
export function normalisation({ gamma, beta, mean, variance, epsilon }: BatchStatistics): LayerBody {
  const scale = Float64Array.from(variance, (value, c) => (gamma?.[c] ?? 1) / Math.sqrt(value + epsilon));
  const shift = Float32Array.from(mean, (value, c) => (beta?.[c] ?? 0) - value * scale[c]!);
  const shape = [mean.length];
  return {
    type: 'affine',
    scale: { shape, values: Float32Array.from(scale) },
    ...(shift.some((value) => value !== 0) && { shift: { shape, values: shift } }),
  };
}
