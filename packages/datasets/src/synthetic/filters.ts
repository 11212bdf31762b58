/** Blurs one plane of side x side pixels by separable Gaussians, edges repeated. */
export function gaussianBlur(plane: Float32Array, side: number, sigmaX: number, sigmaY: number): void {
  const line = new Float32Array(side);
  for (const [sigma, step, stride] of [
    [sigmaX, 1, side],
    [sigmaY, side, 1],
  ] as const) {
    if (sigma < 0.2) continue;
    const radius = Math.min(side - 1, Math.ceil(2.5 * sigma));
    const kernel = Float32Array.from({ length: radius + 1 }, (_, i) =>
      Math.exp((-i * i) / (2 * sigma * sigma)),
    );
    const total = 2 * kernel.reduce((sum, weight) => sum + weight, 0) - 1;
    for (let start = 0, k = 0; k < side; k++, start += stride) {
      for (let i = 0; i < side; i++) line[i] = plane[start + i * step]!;
      for (let i = 0; i < side; i++) {
        let sum = line[i]!;
        for (let away = 1; away <= radius; away++) {
          const before = i - away;
          const after = i + away;
          sum += kernel[away]! * (line[Math.max(before, 0)]! + line[after >= side ? side - 1 : after]!);
        }
        plane[start + i * step] = sum / total;
      }
    }
  }
}

/** Averages one plane along a line of `length` pixels in direction (dx, dy): a hand or a car that moved. */
export function motionBlur(plane: Float32Array, side: number, length: number, dx: number, dy: number): void {
  const taps = Math.max(3, Math.ceil(length) | 1);
  const source = plane.slice();
  plane.fill(0);
  for (let tap = 0; tap < taps; tap++) {
    const away = (tap / (taps - 1) - 0.5) * length;
    addShifted(source, plane, side, away * dx, away * dy, 1 / taps);
  }
}

/** Moves one plane by part of a pixel to the right. */
export function shiftAcross(plane: Float32Array, side: number, by: number): void {
  const source = plane.slice();
  plane.fill(0);
  addShifted(source, plane, side, by, 0, 1);
}

/** into(x, y) += weight * from(x - dx, y - dy), bilinear, edges repeated. */
function addShifted(
  from: Float32Array,
  into: Float32Array,
  side: number,
  dx: number,
  dy: number,
  weight: number,
): void {
  const end = side - 1;
  for (let y = 0, at = 0; y < side; y++) {
    const sy = Math.min(end, Math.max(0, y - dy));
    const y0 = sy | 0;
    const fy = sy - y0;
    const r0 = y0 * side;
    const r1 = Math.min(end, y0 + 1) * side;
    for (let x = 0; x < side; x++, at++) {
      const sx = Math.min(end, Math.max(0, x - dx));
      const x0 = sx | 0;
      const x1 = x0 < end ? x0 + 1 : end;
      const fx = sx - x0;
      const top = from[r0 + x0]! * (1 - fx) + from[r0 + x1]! * fx;
      const bottom = from[r1 + x0]! * (1 - fx) + from[r1 + x1]! * fx;
      into[at]! += weight * (top * (1 - fy) + bottom * fy);
    }
  }
}

/** Unsharp mask: adds `amount` of what a blur of one pixel takes away. */
export function sharpen(plane: Float32Array, side: number, amount: number): void {
  const soft = plane.slice();
  gaussianBlur(soft, side, 1, 1);
  for (let i = 0; i < plane.length; i++) plane[i]! += amount * (plane[i]! - soft[i]!);
}
