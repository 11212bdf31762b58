/**
 * Fills weights with normal noise of mean 0 and standard deviation sqrt(2 / fanIn) (He et al. 2015, eq. 10), which
 * keeps the size of activations through layers with ReLU.
 *
 * @param values filled in place.
 * @param fanIn inputs that one output adds up: kernel height * width * input channels.
 * @param next uniform integers 0..2^32-1.
 */
export function heNormal(values: Float32Array, fanIn: number, next: () => number): void {
  const std = Math.sqrt(2 / fanIn);
  // Marsaglia's polar method: no sine or cosine, which matters for the 17 million weights of Table 4.
  for (let i = 0; i < values.length; ) {
    const u = next() * 2 ** -31 - 1;
    const v = next() * 2 ** -31 - 1;
    const s = u * u + v * v;
    if (s >= 1 || s === 0) continue;
    const scale = std * Math.sqrt((-2 * Math.log(s)) / s);
    values[i++] = u * scale;
    if (i < values.length) values[i++] = v * scale;
  }
}

/**
 * Mulberry32 (Tommy Ettinger, public domain), the generator that splits of data sets use too.
 *
 * @param seed any integer; only its low 32 bits count.
 * @returns a function that gives the next integer in 0..2^32-1.
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
