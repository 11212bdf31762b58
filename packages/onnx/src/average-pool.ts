import type { AveragePoolLayer, AxisGeometry, WindowGeometry } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import { padMap, tapsOf } from './taps.ts';
import { adjointAttributes, poolAttributes } from './window-attributes.ts';

/** [B, C, h, w] to [B, C, oh, ow]. */
export function averagePool(
  net: Net,
  layer: AveragePoolLayer,
  x: string,
  geometry = net.plan.poolGeometry(layer),
): string {
  const { builder } = net;
  if (net.type === 'float32')
    return builder.op('AveragePool', [x], { ...poolAttributes(geometry), count_include_pad: 0 });
  // onnxruntime has no AveragePool of float64.
  const sum = builder.op('Sum', tapsOf(net, padMap(net, x, geometry, 0), geometry));
  const shares = net.numbers([1, 1, geometry.y.output, geometry.x.output], windowShares(geometry));
  return builder.op('Mul', [sum, shares]);
}

/** An average pool spreads a response evenly over the pixels of its window. [B*g, C, oh, ow] to [B*g, C, h, w]. */
export function averagePoolBackward(net: Net, layer: AveragePoolLayer, response: string): string {
  const { builder, plan } = net;
  const geometry = plan.poolGeometry(layer);
  const { y, x } = geometry;
  const share = builder.floats([1, 1, y.output, x.output], windowShares(geometry));
  const shares = builder.op('Mul', [response, share]);
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

/** Of each window, what one of its pixels counts: padding is left out of the mean. */
export function windowShares({ y, x }: WindowGeometry): number[] {
  return Array.from(
    { length: y.output * x.output },
    (_, i) => 1 / (pixelsInWindow(y, Math.floor(i / x.output)) * pixelsInWindow(x, i % x.output)),
  );
}

function pixelsInWindow(axis: AxisGeometry, window: number): number {
  const start = window * axis.stride - axis.padBefore;
  return Math.min(start + axis.kernel, axis.input) - Math.max(start, 0);
}
