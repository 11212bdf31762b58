const TYPES = { float32: '<f4', int32: '<i4' } as const;

/**
 * A .npy file, version 1.0, little-endian, C order: float32 or int32, its header as NumPy itself writes it (NEP 1).
 * Written here because npyjs aligns the data to 8 bytes where the format says 64, and leaves NumPy's spaces out,
 * which trips readers that are simpler than NumPy's.
 */
export function npyBytes(values: Float32Array | Int32Array, shape: readonly number[]): Uint8Array {
  const header = npyHeader(values instanceof Float32Array ? 'float32' : 'int32', shape);
  const bytes = new Uint8Array(header.length + values.byteLength);
  bytes.set(header);
  bytes.set(npyValues(values), header.length);
  return bytes;
}

/** What stands before the values, for a file that is written part by part. */
export function npyHeader(type: keyof typeof TYPES, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${TYPES[type]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(length - 11)}\n`), 10);
  return bytes;
}

/** Values as they stand behind the header. */
export function npyValues(values: Float32Array | Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    if (values instanceof Float32Array) view.setFloat32(4 * i, value, true);
    else view.setInt32(4 * i, value, true);
  }
  return bytes;
}
