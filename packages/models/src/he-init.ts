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
