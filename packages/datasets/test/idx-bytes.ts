/** Writes an IDX file of unsigned bytes, from the format's own description. */
export function idxBytes(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((side, i) => {
    view.setUint32(4 + 4 * i, side);
  });
  bytes.set(Uint8Array.from(values), 4 + 4 * shape.length);
  return bytes;
}

/** Four 3x2 pictures with the bytes 1..24. */
export const PICTURES = idxBytes(
  [4, 3, 2],
  Array.from({ length: 24 }, (_, i) => i + 1),
);
export const LABELS = idxBytes([4], [7, 0, 9, 7]);
