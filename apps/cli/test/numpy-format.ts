/** An independent reader and writer of NumPy's .npy 1.0 format, from its specification (NEP 1). */
export function parseNpy(bytes: Uint8Array): {
  descr: string;
  shape: number[];
  fortran: boolean;
  data: DataView;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY' || bytes[0] !== 0x93) throw new Error('magic');
  const length = view.getUint16(8, true);
  if ((10 + length) % 64 !== 0) throw new Error('header is not aligned');
  const header = String.fromCharCode(...bytes.subarray(10, 10 + length));
  if (!header.endsWith('\n')) throw new Error('header has no newline');
  const descr = /'descr': '([^']+)'/.exec(header)![1]!;
  const shape = /'shape': \(([^)]*)\)/.exec(header)![1]!;
  return {
    descr,
    shape: shape
      .split(',')
      .filter((part) => part.trim())
      .map(Number),
    fortran: header.includes("'fortran_order': True"),
    data: new DataView(bytes.buffer, bytes.byteOffset + 10 + length, bytes.byteLength - 10 - length),
  };
}

export function float32sOf({ data }: { data: DataView }): Float32Array {
  return Float32Array.from({ length: data.byteLength / 4 }, (_, i) => data.getFloat32(4 * i, true));
}

export function int32sOf({ data }: { data: DataView }): Int32Array {
  return Int32Array.from({ length: data.byteLength / 4 }, (_, i) => data.getInt32(4 * i, true));
}

export function npyOf(
  values: Float32Array,
  shape: readonly number[],
  descr = '<f4',
  order = 'False',
): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + padded.length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + padded.length);
  return bytes;
}
