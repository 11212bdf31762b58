interface Taps {
  /** [to, taps] source indices. */
  readonly indices: Uint8Array;
  /** [to, taps]. */
  readonly weights: Float32Array;
}

const TAPS = 4;
const known = new Map<string, Taps>();

/**
 * Bicubic enlargement (Keys 1981, a = -0.5: MATLAB's `imresize`, which made SVHN's crops) of a square plane without
 * its margin to `to` x `to` pixels.
 */
export function enlarge(plane: Float32Array, side: number, margin: number, to: number): Float32Array {
  if (side - 2 * margin === to) return withoutMargin(plane, side, margin, to);
  const { indices, weights } = tapsFor(side, margin, to);
  const wide = new Float32Array(side * to);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < to; x++) {
      let sum = 0;
      for (let t = x * TAPS; t < x * TAPS + TAPS; t++) sum += weights[t]! * plane[y * side + indices[t]!]!;
      wide[y * to + x] = sum;
    }
  }
  const whole = new Float32Array(to * to);
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      let sum = 0;
      for (let t = y * TAPS; t < y * TAPS + TAPS; t++) sum += weights[t]! * wide[indices[t]! * to + x]!;
      whole[y * to + x] = sum;
    }
  }
  return whole;
}

function withoutMargin(plane: Float32Array, side: number, margin: number, to: number): Float32Array {
  const whole = new Float32Array(to * to);
  for (let y = 0; y < to; y++) {
    const start = (y + margin) * side + margin;
    whole.set(plane.subarray(start, start + to), y * to);
  }
  return whole;
}

function tapsFor(side: number, margin: number, to: number): Taps {
  const key = `${side}:${margin}:${to}`;
  let taps = known.get(key);
  if (!taps) {
    taps = { indices: new Uint8Array(to * TAPS), weights: new Float32Array(to * TAPS) };
    for (let i = 0; i < to; i++) {
      const at = margin + ((i + 0.5) * (side - 2 * margin)) / to - 0.5;
      for (let t = 0; t < TAPS; t++) {
        const index = Math.floor(at) - 1 + t;
        taps.indices[i * TAPS + t] = Math.min(side - 1, Math.max(0, index));
        taps.weights[i * TAPS + t] = keys(at - index);
      }
    }
    known.set(key, taps);
  }
  return taps;
}

function keys(away: number): number {
  const x = Math.abs(away);
  if (x >= 2) return 0;
  return x <= 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}
