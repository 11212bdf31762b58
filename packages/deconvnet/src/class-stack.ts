/** Values of n rows for each of B images, [B, n, size], that come a few rows at a time; zero where none came. */
export class ClassStack {
  private whole: Float32Array | undefined;

  constructor(
    private readonly images: number,
    private readonly rows: number,
    /** Values of one row and image. */
    private readonly size: number,
  ) {}

  /** @param part [B, m, size], m >= the number of positions: its first rows are those at these positions */
  place(part: Float32Array, positions: readonly number[]): void {
    const { images, rows, size } = this;
    const all = positions.length === rows && positions.every((position, i) => position === i);
    if (all && part.length === images * rows * size) {
      this.whole = part;
      return;
    }
    const whole = this.values;
    const stride = part.length / images;
    for (let image = 0; image < images; image++) {
      for (const [i, position] of positions.entries()) {
        const from = image * stride + i * size;
        whole.set(part.subarray(from, from + size), (image * rows + position) * size);
      }
    }
  }

  /** [B, n, size]. */
  get values(): Float32Array {
    this.whole ??= new Float32Array(this.images * this.rows * this.size);
    return this.whole;
  }
}
