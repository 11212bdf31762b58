import type { AxisGeometry, WindowGeometry } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';

/** Rows of windows. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/** A map with what stands beyond its borders. @param map [B, C, h, w] */
export function padMap(net: Net, map: string, { y, x }: WindowGeometry, beyond: number): string {
  const pads = [0, 0, y.padBefore, x.padBefore, 0, 0, y.padAfter, x.padAfter];
  if (pads.every((pad) => pad === 0)) return map;
  return net.builder.op('Pad', [map, net.builder.ints(pads), net.numbers([], [beyond])]);
}

/**
 * What each place of the windows sees of a map, in any type: onnxruntime gathers nothing of float64 in one step.
 *
 * @param padded see {@link padMap}
 * @param band default: all windows
 * @returns a map [B, C, rows, ow] for each of the kh*kw places, in row-major order
 */
export function tapsOf(
  { builder }: Net,
  padded: string,
  { y, x }: WindowGeometry,
  { from, to }: Band = { from: 0, to: y.output },
): string[] {
  return Array.from({ length: y.kernel * x.kernel }, (_, place) => {
    const rows = along(y, Math.floor(place / x.kernel), from, to);
    const columns = along(x, place % x.kernel, 0, x.output);
    if (isAll(y, rows) && isAll(x, columns)) return padded;
    return builder.op('Slice', [
      padded,
      builder.ints([rows.start, columns.start]),
      builder.ints([rows.end, columns.end]),
      builder.ints([2, 3]),
      builder.ints([y.stride, x.stride]),
    ]);
  });
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** What one place of the windows from..to meets, in pixels of the padded map. */
function along({ stride, dilation }: AxisGeometry, place: number, from: number, to: number): Stretch {
  const first = place * dilation;
  return { start: first + from * stride, end: first + (to - 1) * stride + 1 };
}

function isAll({ input, padBefore, padAfter, stride }: AxisGeometry, { start, end }: Stretch): boolean {
  return stride === 1 && start === 0 && end === padBefore + input + padAfter;
}
