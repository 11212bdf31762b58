/**
 * A .npy file, version 1.0, little-endian, C order: float32 or int32, its header as NumPy itself writes it (NEP 1).
 * Written here because npyjs aligns the data to 8 bytes where the format says 64, and leaves NumPy's spaces out,
 * which trips readers that are simpler than NumPy's.
 */
export function npyBytes(values: Float32Array | Int32Array, shape: readonly number[]): Uint8Array {
  const descr = values instanceof Float32Array ? '<f4' : '<i4';
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const begin = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(begin + values.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, begin - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(begin - 11)}\n`), 10);
  for (const [i, value] of values.entries()) {
    if (values instanceof Float32Array) view.setFloat32(begin + 4 * i, value, true);
    else view.setInt32(begin + 4 * i, value, true);
  }
  return bytes;
}
