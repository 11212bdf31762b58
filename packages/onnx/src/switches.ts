import type { GraphPlan, MaxPoolLayer, WindowGeometry } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import type { Sweep } from './sweep.ts';
import { padMap, tapsOf } from './taps.ts';
import { adjointAttributes, everyWindowFits, windowAttributes } from './window-attributes.ts';

/**
 * The switches of a forward max pool: among equal values the first in row-major order of the window wins, padding
 * never does. Comparisons, products with 0 or 1 and maxima of small whole numbers only, so that every runtime
 * gives the same bits: the standard does not say which index MaxPool gives where values tie.
 *
 * @param image what the pool received, [B, C, H, W]
 * @param pooled what it gave, [B, C, oh, ow]
 * @returns 1 at each window's maximum, 0 elsewhere: [B, C, H, W] where the windows lie side by side and fill the
 *   image; else by place in the window, [B, C, K, oh*ow] with K = kh*kw
 */
export function findSwitches(net: Net, layer: MaxPoolLayer, image: string, pooled: string): string {
  const geometry = net.plan.poolGeometry(layer);
  const [, , channels] = net.plan.spatialShape(layer.name);
  return everyWindowFits(geometry)
    ? sideBySide(net, geometry, image, pooled, channels)
    : byPlace(net, geometry, image, channels);
}

/** Without the batch. */
export function switchesShape(plan: GraphPlan, layer: MaxPoolLayer): number[] {
  const geometry = plan.poolGeometry(layer);
  const { y, x } = geometry;
  const channels = plan.spatialShape(layer.name)[2];
  return everyWindowFits(geometry)
    ? [channels, y.input, x.input]
    : [channels, y.kernel * x.kernel, y.output * x.output];
}

function sideBySide(
  net: Net,
  geometry: WindowGeometry,
  image: string,
  pooled: string,
  channels: number,
): string {
  const { builder } = net;
  const { y, x } = geometry;
  const equal = (a: string, b: string) => builder.cast(builder.op('Equal', [a, b]), 'float32');
  const reached =
    net.type === 'float64'
      ? reachedOver(net, geometry, image, pooled, channels)
      : equal(image, overWindow(net, geometry, pooled));
  // The first of those that reach the maximum has the largest rank.
  const rank = Array.from(
    { length: y.input * x.input },
    (_, i) =>
      y.kernel * x.kernel - (Math.floor(i / x.input) % y.kernel) * x.kernel - ((i % x.input) % x.kernel),
  );
  const ranks = builder.op('Mul', [reached, builder.floats([1, 1, y.input, x.input], rank)]);
  const { kernel_shape, strides } = windowAttributes(geometry);
  const first = builder.op('MaxPool', [ranks], { kernel_shape, strides });
  return equal(ranks, overWindow(net, geometry, first));
}

function byPlace(net: Net, geometry: WindowGeometry, image: string, channels: number): string {
  const { builder } = net;
  const { y, x } = geometry;
  const places = y.kernel * x.kernel;
  const planes = builder.reshape(image, [-1, 1, y.input, x.input]);
  const values =
    net.type === 'float64'
      ? builder.op('Concat', tapsOf(net, padMap(net, planes, geometry, Number.NEGATIVE_INFINITY), geometry), {
          axis: 1,
        })
      : gathered(net, geometry, planes);
  const first = builder.op('ArgMax', [values], { axis: 1, keepdims: 1, select_last_index: 0 });
  const chosen = builder.op('Equal', [first, builder.ints([...Array(places).keys()], [1, places, 1, 1])]);
  return builder.reshape(builder.cast(chosen, 'float32'), [-1, channels, places, y.output * x.output]);
}

/** What each place of each window sees, padding nothing that could be a maximum: [., K, oh, ow] of planes [., 1, h, w]. */
function gathered(net: Net, geometry: WindowGeometry, planes: string): string {
  const { builder } = net;
  const { y, x } = geometry;
  const places = y.kernel * x.kernel;
  const gathered = builder.op('Conv', [planes, onePixelKernels(net, geometry)], windowAttributes(geometry));
  const inside = pixelsOfWindows(geometry).map(
    ({ pixelY, pixelX }) => pixelY >= 0 && pixelY < y.input && pixelX >= 0 && pixelX < x.input,
  );
  return inside.every(Boolean)
    ? gathered
    : builder.op('Where', [
        builder.bools([1, places, y.output, x.output], inside),
        gathered,
        builder.floats([1], [Number.NEGATIVE_INFINITY]),
      ]);
}

/** 1 at pixels that reach their window's maximum: onnxruntime's Resize takes no float64. */
function reachedOver(
  { builder }: Net,
  { y, x }: WindowGeometry,
  image: string,
  pooled: string,
  channels: number,
): string {
  const windows = builder.reshape(image, [-1, y.output, y.kernel, x.output, x.kernel]);
  const maxima = builder.reshape(pooled, [-1, y.output, 1, x.output, 1]);
  const reached = builder.cast(builder.op('Equal', [windows, maxima]), 'float32');
  return builder.reshape(reached, [-1, channels, y.input, x.input]);
}

/**
 * The same switches by where they are: of each window the row-major index of its pixel, y * w + x. Whole numbers in
 * float32, exact in images of up to 2^24 pixels.
 *
 * @param switches as {@link findSwitches} gives them
 * @returns [B, C, oh, ow]
 */
export function switchPlaces(net: Net, layer: MaxPoolLayer, switches: string): string {
  const { builder } = net;
  const geometry = net.plan.poolGeometry(layer);
  const { y, x } = geometry;
  if (everyWindowFits(geometry)) {
    const indices = builder.floats([1, 1, y.input, x.input], [...Array(y.input * x.input).keys()]);
    const { kernel_shape, strides } = windowAttributes(geometry);
    return builder.op('MaxPool', [builder.op('Mul', [switches, indices])], { kernel_shape, strides });
  }
  const channels = net.plan.spatialShape(layer.name)[2];
  // Outside the image nothing is a switch, whatever stands there.
  const indices = pixelsOfWindows(geometry).map(({ pixelY, pixelX }) => pixelY * x.input + pixelX);
  const planes = builder.floats([1, 1, y.kernel * x.kernel, y.output * x.output], indices);
  const chosen = builder.op('Mul', [switches, planes]);
  const summed = builder.op('ReduceSum', [chosen, builder.ints([2])], { keepdims: 0 });
  return builder.reshape(summed, [-1, channels, y.output, x.output]);
}

/**
 * U of CLEAR eq. 2: each window's value goes to its maximum; where windows share a pixel their values add up.
 *
 * @param response [B*g, C, oh, ow]
 * @param switches as {@link findSwitches} gives them
 * @returns [B*g, C, H, W]
 */
export function unpool(sweep: Sweep, layer: MaxPoolLayer, response: string, switches: string): string {
  const { net } = sweep;
  const { builder } = net;
  const geometry = net.plan.poolGeometry(layer);
  const { y, x } = geometry;
  const channels = net.plan.spatialShape(layer.name)[2];
  if (everyWindowFits(geometry)) {
    return sweep.timesImage(overWindow(net, geometry, response), switches, [channels, y.input, x.input]);
  }
  const windows = y.output * x.output;
  const places = y.kernel * x.kernel;
  const products = builder.op('Mul', [
    builder.reshape(response, [-1, sweep.group, channels, 1, windows]),
    builder.reshape(switches, [-1, 1, channels, places, windows]),
  ]);
  const placed = builder.op(
    'ConvTranspose',
    [builder.reshape(products, [-1, places, y.output, x.output]), onePixelKernels(net, geometry)],
    adjointAttributes(geometry),
  );
  return builder.reshape(placed, [-1, channels, y.input, x.input]);
}

/** The pixel at each place of each window, by place, then window: K * oh * ow of them. */
function pixelsOfWindows({ y, x }: WindowGeometry): { pixelY: number; pixelX: number }[] {
  return Array.from({ length: y.kernel * x.kernel * y.output * x.output }, (_, i) => {
    const place = Math.floor(i / (y.output * x.output));
    const row = Math.floor((i % (y.output * x.output)) / x.output) * y.stride - y.padBefore;
    const column = (i % x.output) * x.stride - x.padBefore;
    return { pixelY: row + Math.floor(place / x.kernel), pixelX: column + (place % x.kernel) };
  });
}

/** Repeats each window's value over its pixels. */
function overWindow(net: Net, { y, x }: WindowGeometry, windows: string): string {
  return net.builder.op('Resize', [windows, '', net.builder.floats([4], [1, 1, y.stride, x.stride])], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
}

/** Kernel k of [K, 1, kh, kw] holds a single 1, at place k of the window. */
function onePixelKernels(net: Net, { y, x }: WindowGeometry): string {
  const places = y.kernel * x.kernel;
  const values = Array.from({ length: places * places }, (_, i) => (i % (places + 1) === 0 ? 1 : 0));
  return net.builder.floats([places, 1, y.kernel, x.kernel], values);
}
