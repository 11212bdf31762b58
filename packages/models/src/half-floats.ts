/** IEEE 754 binary16: 1 sign bit, 5 of the exponent (bias 15), 10 of the fraction. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (fraction + 1024) * 2 ** (exponent - 25);
}

/** Little-endian binary16 numbers, two bytes each. */
export function floatsFromHalves(bytes: Uint8Array): Float32Array {
  return Float32Array.from(words(bytes), halfToNumber);
}

/** Little-endian bfloat16 numbers: the upper two bytes of a float32. */
export function floatsFromBfloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint32Array.from(words(bytes), (word) => word << 16).buffer);
}

/** Little-endian float32 numbers. */
export function floatsFromBytes(bytes: Uint8Array): Float32Array {
  return new Float32Array(copied(bytes));
}

/** A buffer of their own: other typed arrays start at multiples of their size only. */
export function copied(bytes: Uint8Array): ArrayBuffer {
  // Not by slice, which gives another view where the bytes are a Buffer of Node.
  return new Uint8Array(bytes).buffer;
}

function words(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(copied(bytes));
}
