import type { AveragePoolLayer, AxisGeometry } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import { adjointAttributes } from './window-attributes.ts';

/** An average pool spreads a response evenly over the pixels of its window. [B*g, C, oh, ow] to [B*g, C, h, w]. */
export function averagePoolBackward(net: Net, layer: AveragePoolLayer, response: string): string {
  const { builder, plan } = net;
  const geometry = plan.poolGeometry(layer);
  const { y, x } = geometry;
  const share = Array.from(
    { length: y.output * x.output },
    (_, i) => 1 / (pixelsInWindow(y, Math.floor(i / x.output)) * pixelsInWindow(x, i % x.output)),
  );
  const shares = builder.op('Mul', [response, builder.floats([1, 1, y.output, x.output], share)]);
  const spread = builder.op(
    'ConvTranspose',
    [
      builder.reshape(shares, [-1, 1, y.output, x.output]),
      builder.floats([1, 1, y.kernel, x.kernel], Array<number>(y.kernel * x.kernel).fill(1)),
    ],
    adjointAttributes(geometry),
  );
  return builder.reshape(spread, [-1, plan.spatialShape(layer.name)[2], y.input, x.input]);
}

function pixelsInWindow(axis: AxisGeometry, window: number): number {
  const start = window * axis.stride - axis.padBefore;
  return Math.min(start + axis.kernel, axis.input) - Math.max(start, 0);
}
