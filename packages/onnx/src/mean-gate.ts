import type { MeanGateLayer } from '@clearmaps/deconvnet/graph';
import type { GraphBuilder } from './graph-builder.ts';
import { rectify, slopeOf } from './rectifiers.ts';

/**
 * @param x [B, C, h, w]
 * @returns the layer's output in that shape, and its slope, [B, C, 1, 1]
 */
export function meanGate(
  builder: GraphBuilder,
  { rectifier }: MeanGateLayer,
  x: string,
): { output: string; slope: string } {
  const mean = builder.op('GlobalAveragePool', [x]);
  const rectified = rectify(builder, rectifier, mean);
  const slope = slopeOf(builder, rectifier, rectified);
  const offset = builder.op('Sub', [rectified, builder.op('Mul', [mean, slope])]);
  return { output: builder.op('Add', [builder.op('Mul', [x, slope]), offset]), slope };
}
