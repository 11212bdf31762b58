import type { Conv2dLayer, GraphPlan } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import { type Band, padMap, tapsOf } from './taps.ts';

/** Bytes that the copies of a band's pixels may take, an image: no more than a few maps of a large net. */
const BAND_BYTES = 32 * 2 ** 20;

/**
 * A convolution as products of matrices, which onnxruntime has in float64 where it has no Conv: the kernel times what
 * its places see, copied side by side, some rows at a time.
 *
 * @param x [B, in, h, w]
 * @param kernel [out, in / groups, kh, kw]
 * @param bias [out]
 * @returns [B, out, oh, ow]
 */
export function convolveByProducts(
  net: Net,
  layer: Conv2dLayer,
  x: string,
  kernel: string,
  bias: string | undefined,
): string {
  const { builder } = net;
  const geometry = net.plan.convGeometry(layer);
  const [rows, columns] = [geometry.y.output, geometry.x.output];
  const { groups = 1 } = layer;
  const [height, width, channelsIn, channelsOut] = layer.kernel.shape as [number, number, number, number];
  const places = height * width;
  const perGroup = channelsOut / groups;
  // Places before channels, as the copies of the map stand.
  const placesFirst = builder.op(
    'Transpose',
    [builder.reshape(kernel, [groups, perGroup, channelsIn, places])],
    { perm: [0, 1, 3, 2] },
  );
  const matrices = builder.reshape(placesFirst, [groups, perGroup, places * channelsIn]);
  const padded = padMap(net, x, geometry, 0);
  const bands = bandsOf(rows, columns * places * channelsIn * groups).map((band) => {
    const pixels = (band.to - band.from) * columns;
    const seen = tapsOf(net, padded, geometry, band).map((tap) =>
      builder.reshape(tap, [-1, groups, channelsIn, pixels]),
    );
    const copies = seen.length === 1 ? seen[0]! : builder.op('Concat', seen, { axis: 2 });
    const product = builder.op('MatMul', [matrices, copies]);
    return builder.reshape(product, [-1, channelsOut, band.to - band.from, columns]);
  });
  const convolved = bands.length === 1 ? bands[0]! : builder.op('Concat', bands, { axis: 2 });
  return bias === undefined
    ? convolved
    : builder.op('Add', [convolved, builder.reshape(bias, [channelsOut, 1, 1])]);
}

/** What the copies of a band take at most, an image. */
export function copiedBytes(plan: GraphPlan, layer: Conv2dLayer): number {
  const { y, x } = plan.convGeometry(layer);
  const [height, width, channelsIn] = layer.kernel.shape as [number, number, number];
  const perRow = x.output * height * width * channelsIn * (layer.groups ?? 1);
  const rows = Math.max(...bandsOf(y.output, perRow).map(({ from, to }) => to - from));
  return rows * perRow * Float64Array.BYTES_PER_ELEMENT;
}

/** @param valuesPerRow that a row of windows sees */
function bandsOf(rows: number, valuesPerRow: number): Band[] {
  const most = Math.max(1, Math.floor(BAND_BYTES / (valuesPerRow * Float64Array.BYTES_PER_ELEMENT)));
  const count = Math.ceil(rows / most);
  return Array.from({ length: count }, (_, i) => ({
    from: Math.floor((i * rows) / count),
    to: Math.floor(((i + 1) * rows) / count),
  }));
}
