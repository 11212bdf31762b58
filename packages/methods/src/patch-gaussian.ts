import { type DueTurn, PAGE_TURN_EVERY, turnsFor } from '@clearmaps/deconvnet/graph';
import { Random } from '@clearmaps/random';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { MethodError } from './errors.ts';
import { eachValue, type Windows } from './windows.ts';

/** Of the mean variance, added to the diagonal: pixels that never differ leave the covariance singular. */
const RIDGE = 1e-3;

/** Values of a patch, at most: fitting takes some 90 times the square of their number, in bytes. */
const MOST_VALUES = 800;

type ImageShape = readonly [number, number, number];

export interface PatchFit {
  /** Of the patch, pixels. */
  readonly size: number;
  /** Of whose values there will be draws. */
  readonly windows: Windows;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

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

interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/** A window in its patch: positions in the patch of the window's values and of the others. */
interface PatchPlace {
  readonly inner: readonly number[];
  readonly outer: readonly number[];
  /** By position in the patch, in the image. */
  readonly indices: readonly number[];
}

/**
 * A normal distribution of all values of a square patch, wherever in the image it lies (Zintgraf et al. 2017,
 * section 3.1): fitted to patches of a data set, and conditioned on the border around windows.
 */
export class PatchGaussian {
  private constructor(
    private readonly shape: ImageShape,
    private readonly size: number,
    private readonly windows: Windows,
    private readonly mean: Float64Array,
    /** By {@link keyOf} the window's place in the patch, which is the same but near the border. */
    private readonly conditionals: ReadonlyMap<string, Conditional>,
    private readonly range: readonly [least: number, most: number],
  ) {}

  /**
   * Gives turns of the event loop meanwhile.
   *
   * @param images [n, H, W, C]
   * @throws MethodError where there are no images, the patch does not fit into them, or has too many values; the
   *   signal's reason once it is aborted.
   */
  static async fit(
    images: Float32Array,
    shape: ImageShape,
    { size, windows, seed, signal }: PatchFit,
  ): Promise<PatchGaussian> {
    check(images, shape, size);
    const dueTurn = turnsFor(signal, PAGE_TURN_EVERY);
    const { mean, covariance } = await momentsOf(images, shape, size, seed, dueTurn);
    const conditionals = new Map<string, Conditional>();
    for (const corner of windows.corners) {
      const place = placeOf(corner, windows.size, size, shape);
      const key = keyOf(place);
      if (!conditionals.has(key)) conditionals.set(key, await conditionalOf(covariance, place, dueTurn));
      await dueTurn();
    }
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const pixels = shape.reduce((a, b) => a * b);
    for (let at = 0; at < images.length; at += pixels) {
      for (const value of images.subarray(at, at + pixels)) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      await dueTurn();
    }
    return new PatchGaussian(shape, size, windows, mean, conditionals, [least, most]);
  }

  /**
   * p(window | the rest of the patch around it): normal with mean m1 + S12 S22^-1 (x2 - m2) and covariance
   * S11 - S12 S22^-1 S21. Near the border of the image the patch is moved inwards.
   *
   * @param image [H, W, C], of which the rest is taken
   * @param window by its place in the list
   */
  given(image: Float32Array, window: number): ConditionalSampler {
    const place = placeOf(this.windows.corners[window]!, this.windows.size, this.size, this.shape);
    const { inner, outer, indices } = place;
    const { weights, triangle } = this.conditionals.get(keyOf(place))!;
    const apart = outer.map((at) => image[indices[at]!]! - this.mean[at]!);
    const expected = inner.map((at, row) =>
      apart.reduce((sum, value, i) => sum + weights.get(row, i) * value, this.mean[at]!),
    );
    const normals = new Float64Array(inner.length);
    const [least, most] = this.range;
    return {
      draw: (into, random) => {
        for (let i = 0; i < normals.length; i++) normals[i] = random.normal();
        let at = 0;
        for (let row = 0; row < normals.length; row++) {
          let value = expected[row]!;
          for (let i = 0; i <= row; i++) value += triangle[at++]! * normals[i]!;
          into[row] = Math.min(most, Math.max(least, value));
        }
      },
    };
  }
}

function check(images: Float32Array, shape: ImageShape, size: number): void {
  const [height, width, channels] = shape;
  const count = images.length / (height * width * channels);
  if (count < 1 || !Number.isInteger(count) || size > Math.min(height, width)) {
    throw new MethodError({
      asked: 'the distribution of patches',
      got: `${images.length} values, patches of ${size} pixels`,
      allowed: `at least one image of [${shape}], patches that fit into it`,
    });
  }
  if (size * size * channels > MOST_VALUES) {
    throw new MethodError({
      asked: 'the distribution of patches',
      got: `patches of ${size}x${size}x${channels} values`,
      allowed: `at most ${MOST_VALUES} values`,
      remedy: 'Take smaller windows, or a smaller margin around them.',
    });
  }
}

async function momentsOf(
  images: Float32Array,
  shape: ImageShape,
  size: number,
  seed: number,
  dueTurn: DueTurn,
): Promise<Moments> {
  const [height, width, channels] = shape;
  const pixels = height * width * channels;
  const length = size * size * channels;
  // Twenty times as many as the covariance has rows.
  const patches = Math.max(4000, 20 * length);
  const random = Random.stream(seed);
  const samples = new Float32Array(patches * length);
  const mean = new Float64Array(length);
  for (let patch = 0; patch < patches; patch++) {
    const image = images.subarray(Math.floor(random.uniform() * (images.length / pixels)) * pixels);
    const corner = {
      top: Math.floor(random.uniform() * (height - size + 1)),
      left: Math.floor(random.uniform() * (width - size + 1)),
    };
    eachValue(corner, size, shape, (index, at) => {
      samples[patch * length + at] = image[index]!;
      mean[at]! += image[index]!;
    });
    await dueTurn();
  }
  for (let at = 0; at < length; at++) mean[at]! /= patches;
  const sums = new Float64Array(length * length);
  for (let patch = 0; patch < patches; patch++) {
    addProducts(sums, samples.subarray(patch * length, (patch + 1) * length), mean);
    await dueTurn();
  }
  const covariance = new Matrix(length, length);
  for (let i = 0; i < length; i++) {
    for (let j = i; j < length; j++) {
      covariance.set(i, j, sums[i * length + j]! / patches);
      covariance.set(j, i, covariance.get(i, j));
    }
  }
  const ridge = (RIDGE * covariance.trace()) / length || Number.MIN_VALUE;
  for (let i = 0; i < length; i++) covariance.set(i, i, covariance.get(i, i) + ridge);
  await dueTurn();
  return { mean, covariance };
}

/** Adds the products of each two values, less their means, to the upper half of `sums`, row-major. */
function addProducts(sums: Float64Array, sample: Float32Array, mean: Float64Array): void {
  const { length } = mean;
  const apart = mean.map((expected, at) => sample[at]! - expected);
  for (let i = 0; i < length; i++) {
    const value = apart[i]!;
    for (let j = i; j < length; j++) sums[i * length + j]! += value * apart[j]!;
  }
}

async function conditionalOf(
  covariance: Matrix,
  { inner, outer }: PatchPlace,
  dueTurn: DueTurn,
): Promise<Conditional> {
  const part = (rows: readonly number[], columns: readonly number[]): Matrix =>
    covariance.selection(rows as number[], columns as number[]) as Matrix;
  let weights = new Matrix(inner.length, 0);
  const left = part(inner, inner);
  if (outer.length > 0) {
    const across = part(outer, inner);
    const around = new CholeskyDecomposition(part(outer, outer));
    await dueTurn();
    weights = around.solve(across).transpose();
    await dueTurn();
    left.sub(weights.mmul(across));
  }
  // Rounding leaves it not quite symmetric.
  const symmetric = Matrix.add(left, left.transpose()).div(2);
  const root = new CholeskyDecomposition(symmetric).lowerTriangularMatrix;
  const triangle = Float64Array.from(inner.flatMap((_, row) => root.getRow(row).slice(0, row + 1)));
  return { weights, triangle };
}

function placeOf(
  corner: Windows['corners'][number],
  window: number,
  size: number,
  shape: ImageShape,
): PatchPlace {
  const [height, width, channels] = shape;
  const around = (start: number, length: number): number =>
    Math.max(0, Math.min(length - size, start - Math.floor((size - window) / 2)));
  const patch = { top: around(corner.top, height), left: around(corner.left, width) };
  const inner: number[] = [];
  const outer: number[] = [];
  const indices: number[] = [];
  eachValue(patch, size, shape, (index, at) => {
    const y = Math.floor(index / (width * channels)) - corner.top;
    const x = (Math.floor(index / channels) % width) - corner.left;
    indices.push(index);
    (y >= 0 && y < window && x >= 0 && x < window ? inner : outer).push(at);
  });
  return { inner, outer, indices };
}

function keyOf({ inner }: PatchPlace): string {
  return inner.join();
}
