/** Values of n classes for each of B images, [B, n, size], that come a few classes at a time; zero where none came. */
export class ClassStack {
  private whole: Float32Array | undefined;

  constructor(
    private readonly images: number,
    private readonly classes: number,
    /** Values of one class and image. */
    private readonly size: number,
  ) {}

  /** @param part [B, m, size] with m >= count, of which the first `count` classes are classes `first` and on */
  place(part: Float32Array, first: number, count: number): void {
    const { images, classes, size } = this;
    if (count === classes && part.length === images * classes * size) {
      this.whole = part;
      return;
    }
    const whole = this.values;
    const stride = part.length / images;
    for (let image = 0; image < images; image++) {
      const rows = part.subarray(image * stride, image * stride + count * size);
      whole.set(rows, (image * classes + first) * size);
    }
  }

  /** [B, n, size]. */
  get values(): Float32Array {
    this.whole ??= new Float32Array(this.images * this.classes * this.size);
    return this.whole;
  }
}
