/** Square windows over an image, [height, width], row by row; the last of a row or column touches the border. */
export interface Windows {
  /** Pixels, no more than the image's shorter side. */
  readonly size: number;
  readonly corners: readonly { readonly top: number; readonly left: number }[];
}

export function windowsOver(
  [height, width]: readonly [number, number, ...unknown[]],
  { window, stride }: { readonly window: number; readonly stride: number },
): Windows {
  const size = Math.min(window, height, width);
  const starts = (length: number): number[] => {
    const last = length - size;
    const count = Math.ceil(last / stride) + 1;
    return Array.from({ length: count }, (_, i) => Math.min(i * stride, last));
  };
  return { size, corners: starts(height).flatMap((top) => starts(width).map((left) => ({ top, left }))) };
}

/**
 * The windows in an order in which those follow one another that lie alike to the windows of pools of stride 2, then 4,
 * and so on: they change maps of the same sizes, and can be scored in one batch.
 */
export function likePlacesTogether({ corners }: Windows): number[] {
  const compare = (one: number, other: number): number => {
    const [a, b] = [corners[one]!, corners[other]!];
    for (let stride = 2; stride <= 32; stride *= 2) {
      const apart = (a.top % stride) - (b.top % stride) || (a.left % stride) - (b.left % stride);
      if (apart !== 0) return apart;
    }
    return a.top - b.top || a.left - b.left;
  };
  return Array.from(corners.keys()).sort(compare);
}

/** Visits the values of a window in an image [H, W, C]; `at` counts within the window, row-major. */
export function eachValue(
  { top, left }: { readonly top: number; readonly left: number },
  size: number,
  [, width, channels]: readonly [number, number, number],
  visit: (index: number, at: number) => void,
): void {
  for (let y = 0; y < size; y++) {
    const row = ((top + y) * width + left) * channels;
    for (let i = 0; i < size * channels; i++) visit(row + i, y * size * channels + i);
  }
}

/** Gives each pixel the mean of what the windows that cover it were given. */
export class WindowMeans {
  private readonly sums: Float64Array;
  private readonly covers: Int32Array;

  /** @param count of maps */
  constructor(
    private readonly windows: Windows,
    private readonly shape: readonly [number, number, ...unknown[]],
    private readonly count: number,
  ) {
    this.sums = new Float64Array(count * shape[0] * shape[1]);
    this.covers = new Int32Array(shape[0] * shape[1]);
  }

  /** @param values one a map */
  add(window: number, values: ArrayLike<number>): void {
    const [height, width] = this.shape;
    eachValue(this.windows.corners[window]!, this.windows.size, [height, width, 1], (pixel) => {
      this.covers[pixel]!++;
      for (let map = 0; map < this.count; map++) this.sums[map * height * width + pixel]! += values[map]!;
    });
  }

  /** [count, H, W]; 0 where no window came. */
  maps(): Float32Array {
    return Float32Array.from(this.sums, (sum, at) => sum / (this.covers[at % this.covers.length]! || 1));
  }
}
