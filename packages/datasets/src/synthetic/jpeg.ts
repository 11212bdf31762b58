import type { Planes } from './paint.ts';

const BLOCK = 8;

/** Annex K of the JPEG standard (ITU-T T.81), luminance and chrominance, row by row. */
const LUMINANCE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMINANCE = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99,
].concat(new Array(32).fill(99));

/** [frequency, place] of the orthonormal DCT-II. */
const BASIS = Float32Array.from({ length: BLOCK * BLOCK }, (_, i) => {
  const frequency = Math.floor(i / BLOCK);
  const scale = frequency === 0 ? Math.sqrt(1 / BLOCK) : Math.sqrt(2 / BLOCK);
  return scale * Math.cos((((i % BLOCK) + 0.5) * frequency * Math.PI) / BLOCK);
});

/**
 * What JPEG loses, without its bits: colour at half the resolution, 8x8 blocks of rounded frequencies.
 *
 * @param quality 1..100, scaled as libjpeg does.
 * @param offsetX, offsetY where the crop lies on the photograph's grid of blocks, 0..15.
 */
export function jpegArtefacts(planes: Planes, quality: number, offsetX: number, offsetY: number): void {
  const { side, red, green, blue } = planes;
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const ox = offsetX % 16;
  const oy = offsetY % 16;
  // Whole 16x16 units around the crop; what lies beyond repeats its edge.
  const size = Math.ceil((side + 15) / 16) * 16;
  const half = size / 2;
  const y = new Float32Array(size * size);
  const cb = new Float32Array(half * half);
  const cr = new Float32Array(half * half);
  for (let row = 0; row < size; row++) {
    const from = Math.min(side - 1, Math.max(0, row - oy)) * side;
    for (let column = 0; column < size; column++) {
      const at = from + Math.min(side - 1, Math.max(0, column - ox));
      const level = 0.299 * red[at]! + 0.587 * green[at]! + 0.114 * blue[at]!;
      y[row * size + column] = level - 128;
      const small = (row >> 1) * half + (column >> 1);
      cb[small]! += (0.564 * (blue[at]! - level)) / 4;
      cr[small]! += (0.713 * (red[at]! - level)) / 4;
    }
  }
  quantise(y, size, LUMINANCE, percent);
  quantise(cb, half, CHROMINANCE, percent);
  quantise(cr, half, CHROMINANCE, percent);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const level = y[(row + oy) * size + column + ox]! + 128;
      const b = halfAt(cb, half, column + ox, row + oy);
      const r = halfAt(cr, half, column + ox, row + oy);
      const at = row * side + column;
      red[at] = level + r / 0.713;
      blue[at] = level + b / 0.564;
      green[at] = level - (0.299 * r) / 0.713 / 0.587 - (0.114 * b) / 0.564 / 0.587;
    }
  }
}

/** Smooth enlargement of a half-size plane, as decoders do it. */
function halfAt(plane: Float32Array, size: number, x: number, y: number): number {
  const px = Math.min(size - 1.001, Math.max(0, x / 2 - 0.25));
  const py = Math.min(size - 1.001, Math.max(0, y / 2 - 0.25));
  const c = px | 0;
  const r = py | 0;
  const at = r * size + c;
  const top = plane[at]! + (plane[at + 1]! - plane[at]!) * (px - c);
  const bottom = plane[at + size]! + (plane[at + size + 1]! - plane[at + size]!) * (px - c);
  return top + (bottom - top) * (py - r);
}

const block = new Float32Array(BLOCK * BLOCK);
const turned = new Float32Array(BLOCK * BLOCK);

function quantise(plane: Float32Array, size: number, table: readonly number[], percent: number): void {
  const steps = Float32Array.from(table, (step) =>
    Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))),
  );
  for (let top = 0; top < size; top += BLOCK) {
    for (let left = 0; left < size; left += BLOCK) {
      const start = top * size + left;
      for (let i = 0; i < 64; i++) block[i] = plane[start + (i >> 3) * size + (i & 7)]!;
      transform(block, turned);
      transform(turned, block);
      for (let i = 0; i < 64; i++) block[i] = Math.round(block[i]! / steps[i]!) * steps[i]!;
      invert(block, turned);
      invert(turned, block);
      for (let i = 0; i < 64; i++) plane[start + (i >> 3) * size + (i & 7)] = block[i]!;
    }
  }
}

/**
 * One dimension of the DCT; the result is transposed, so that a second call does the other. The basis is even or odd
 * about the middle, so half the products serve.
 */
function transform(from: Float32Array, to: Float32Array): void {
  for (let row = 0; row < 8; row++) {
    const at = row * BLOCK;
    const [s0, d0] = [from[at]! + from[at + 7]!, from[at]! - from[at + 7]!];
    const [s1, d1] = [from[at + 1]! + from[at + 6]!, from[at + 1]! - from[at + 6]!];
    const [s2, d2] = [from[at + 2]! + from[at + 5]!, from[at + 2]! - from[at + 5]!];
    const [s3, d3] = [from[at + 3]! + from[at + 4]!, from[at + 3]! - from[at + 4]!];
    for (let f = 0; f < 64; f += 16) {
      to[f + row] = BASIS[f]! * s0 + BASIS[f + 1]! * s1 + BASIS[f + 2]! * s2 + BASIS[f + 3]! * s3;
      to[f + 8 + row] = BASIS[f + 8]! * d0 + BASIS[f + 9]! * d1 + BASIS[f + 10]! * d2 + BASIS[f + 11]! * d3;
    }
  }
}

function invert(from: Float32Array, to: Float32Array): void {
  for (let row = 0; row < 8; row++) {
    const at = row * BLOCK;
    for (let i = 0; i < 4; i++) {
      let even = 0;
      let odd = 0;
      for (let f = 0; f < 8; f += 2) {
        even += BASIS[f * BLOCK + i]! * from[at + f]!;
        odd += BASIS[f * BLOCK + BLOCK + i]! * from[at + f + 1]!;
      }
      to[i * BLOCK + row] = even + odd;
      to[(7 - i) * BLOCK + row] = even - odd;
    }
  }
}
