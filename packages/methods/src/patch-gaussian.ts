import { Random } from '@clearmaps/random';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { MethodError } from './errors.ts';
import { eachValue } from './windows.ts';

/** Of the mean variance, added to the diagonal: pixels that never differ leave the covariance singular. */
const RIDGE = 1e-3;

/** Values of a patch, at most: fitting takes 320 times the square of their number, in bytes. */
const MOST_VALUES = 800;

/** Draws the values of a window given those around it. */
export interface ConditionalSampler {
  /** Writes one draw, [size, size, C]. */
  draw(into: Float32Array, random: Random): void;
}

interface Conditional {
  /** S12 S22^-1. */
  readonly weights: Matrix;
  /** Of the lower Cholesky factor of the covariance, row by row: draws come by the thousand. */
  readonly triangle: Float64Array;
}

/**
 * A normal distribution of all values of a square patch, wherever in the image it lies (Zintgraf et al. 2017,
 * section 3.1): fitted to patches of a data set, and conditioned on the border around a window.
 */
export class PatchGaussian {
  private readonly mean: Float64Array;
  private readonly covariance: Matrix;
  private readonly least: number;
  private readonly most: number;

  /**
   * @param images [n, H, W, C]
   * @param size of the patch, pixels
   * @throws MethodError where there are no images, the patch does not fit into them, or has too many values.
   */
  constructor(
    images: Float32Array,
    private readonly shape: readonly [number, number, number],
    private readonly size: number,
    seed: number,
  ) {
    const [height, width, channels] = shape;
    const count = images.length / (height * width * channels);
    if (count < 1 || !Number.isInteger(count) || size > Math.min(height, width)) {
      throw new MethodError({
        asked: 'the distribution of patches',
        got: `${images.length} values, patches of ${size} pixels`,
        allowed: `at least one image of [${shape}], patches that fit into it`,
      });
    }
    const length = size * size * channels;
    if (length > MOST_VALUES) {
      throw new MethodError({
        asked: 'the distribution of patches',
        got: `patches of ${size}x${size}x${channels} values`,
        allowed: `at most ${MOST_VALUES} values`,
        remedy: 'Take smaller windows, or a smaller margin around them.',
      });
    }
    // Twenty times as many as the covariance has rows.
    const patches = Math.max(4000, 20 * length);
    const random = Random.stream(seed);
    const samples = new Matrix(patches, length);
    for (let patch = 0; patch < patches; patch++) {
      const image = images.subarray(Math.floor(random.uniform() * count) * height * width * channels);
      const corner = {
        top: Math.floor(random.uniform() * (height - size + 1)),
        left: Math.floor(random.uniform() * (width - size + 1)),
      };
      eachValue(corner, size, shape, (index, at) => samples.set(patch, at, image[index]!));
    }
    this.mean = Float64Array.from(samples.mean('column'));
    samples.subRowVector(Array.from(this.mean));
    this.covariance = samples.transpose().mmul(samples).div(patches);
    const ridge = (RIDGE * this.covariance.trace()) / length || Number.MIN_VALUE;
    for (let i = 0; i < length; i++) this.covariance.set(i, i, this.covariance.get(i, i) + ridge);
    this.least = images.reduce((a, b) => Math.min(a, b));
    this.most = images.reduce((a, b) => Math.max(a, b));
  }

  /**
   * p(window | the rest of the patch around it): normal with mean m1 + S12 S22^-1 (x2 - m2) and covariance
   * S11 - S12 S22^-1 S21. Near the border of the image the patch is moved inwards.
   *
   * @param image [H, W, C], of which the rest is taken
   * @param corner of the window
   */
  given(
    image: Float32Array,
    corner: { readonly top: number; readonly left: number },
    window: number,
  ): ConditionalSampler {
    const [height, width, channels] = this.shape;
    const around = (start: number, length: number): number =>
      Math.max(0, Math.min(length - this.size, start - Math.floor((this.size - window) / 2)));
    const patch = { top: around(corner.top, height), left: around(corner.left, width) };
    const inner: number[] = [];
    const outer: number[] = [];
    const places: number[] = [];
    eachValue(patch, this.size, this.shape, (index, at) => {
      const y = Math.floor(index / (width * channels)) - corner.top;
      const x = (Math.floor(index / channels) % width) - corner.left;
      places.push(index);
      (y >= 0 && y < window && x >= 0 && x < window ? inner : outer).push(at);
    });
    const { weights, triangle } = this.conditional(inner, outer);
    const apart = outer.map((at) => image[places[at]!]! - this.mean[at]!);
    const expected = inner.map((at, row) =>
      apart.reduce((sum, value, i) => sum + weights.get(row, i) * value, this.mean[at]!),
    );
    const normals = new Float64Array(inner.length);
    return {
      draw: (into, random) => {
        for (let i = 0; i < normals.length; i++) normals[i] = random.normal();
        let at = 0;
        for (let row = 0; row < normals.length; row++) {
          let value = expected[row]!;
          for (let i = 0; i <= row; i++) value += triangle[at++]! * normals[i]!;
          into[row] = Math.min(this.most, Math.max(this.least, value));
        }
      },
    };
  }

  /** By the window's place in the patch, which is the same but near the border. */
  private readonly known = new Map<string, Conditional>();

  private conditional(inner: readonly number[], outer: readonly number[]): Conditional {
    const key = inner.join();
    const known = this.known.get(key);
    if (known) return known;
    const part = (rows: readonly number[], columns: readonly number[]): Matrix =>
      this.covariance.selection(rows as number[], columns as number[]) as Matrix;
    const weights =
      outer.length === 0
        ? new Matrix(inner.length, 0)
        : new CholeskyDecomposition(part(outer, outer)).solve(part(outer, inner)).transpose();
    const left = part(inner, inner);
    if (outer.length > 0) left.sub(weights.mmul(part(outer, inner)));
    // Rounding leaves it not quite symmetric.
    const symmetric = Matrix.add(left, left.transpose()).div(2);
    const root = new CholeskyDecomposition(symmetric).lowerTriangularMatrix;
    const triangle = Float64Array.from(inner.flatMap((_, row) => root.getRow(row).slice(0, row + 1)));
    const found = { weights, triangle };
    this.known.set(key, found);
    return found;
  }
}
