import type { MeanGateLayer } from '@clearmaps/deconvnet/graph';
import { globalMean } from './global-mean.ts';
import type { Net } from './net.ts';
import { rectify, slopeOf } from './rectifiers.ts';

/**
 * @param x [B, C, h, w]
 * @returns the layer's output in that shape, and its slope, [B, C, 1, 1]
 */
export function meanGate(
  net: Net,
  { rectifier }: MeanGateLayer,
  x: string,
): { output: string; slope: string } {
  const { builder } = net;
  const mean = globalMean(net, x);
  const rectified = rectify(net, rectifier, mean);
  const slope = slopeOf(net, rectifier, rectified, net.type);
  const offset = builder.op('Sub', [rectified, builder.op('Mul', [mean, slope])]);
  return { output: builder.op('Add', [builder.op('Mul', [x, slope]), offset]), slope };
}
