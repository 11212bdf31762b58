import type { Random } from '@clearmaps/random';

/**
 * Bends a picture as a hand bends strokes: each pixel is read from a place nearby, neighbours from places that lie
 * alike (Simard, Steinkraus & Platt 2003).
 */
export interface ElasticOptions {
  /**
   * Standard deviation of the displacement along each axis, pixels, from 0. It is the same at any smoothness;
   * Simard's alpha of 34 at a sigma of 4 is a strength of 1.4.
   */
  readonly strength: number;
  /** Standard deviation of the Gaussian that smooths the field, pixels, above 0; default 4, as in the paper. */
  readonly smoothness?: number;
}

/** Displacements of pixels along both axes, each [height, width], in pixels. */
export interface DisplacementField {
  readonly down: Float32Array;
  readonly right: Float32Array;
}

/** Of a uniform number from -1 to 1. */
const DEVIATION_OF_UNIFORM = Math.sqrt(1 / 3);

/**
 * Uniform random displacements, smoothed by a Gaussian and brought to the strength asked for.
 *
 * The random numbers stand on a lattice as wide as the Gaussian, not at each pixel: by Poisson's summation formula
 * that changes the covariance of the smoothed field by less than exp(-pi^2), and costs a tenth.
 */
export function elasticField(
  { height, width }: { readonly height: number; readonly width: number },
  { strength, smoothness = 4 }: ElasticOptions,
  random: Random,
): DisplacementField {
  const rows = smoothing(height, smoothness);
  const columns = smoothing(width, smoothness);
  const field = (): Float32Array => smoothNoise(rows, columns, strength / DEVIATION_OF_UNIFORM, random);
  return { down: field(), right: field() };
}

/** The Gaussian about each pixel of an axis, at the lattice's nodes near it. */
interface Smoothing {
  readonly pixels: number;
  /** Nodes that a pixel takes part of. */
  readonly taps: number;
  /** Of each pixel, [pixels]. */
  readonly firstNode: Int32Array;
  /** [pixels, taps]; the squares of each pixel's weights add up to 1, so that smoothing keeps the variance. */
  readonly weights: Float64Array;
  readonly nodes: number;
}

function smoothing(pixels: number, deviation: number): Smoothing {
  const spacing = Math.max(1, deviation);
  const radius = Math.ceil((3 * deviation) / spacing);
  const taps = 2 * radius + 2;
  const firstNode = Int32Array.from({ length: pixels }, (_, pixel) => Math.floor(pixel / spacing));
  const weights = new Float64Array(pixels * taps);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const own = weights.subarray(pixel * taps, (pixel + 1) * taps);
    let squares = 0;
    for (let tap = 0; tap < taps; tap++) {
      // Nodes begin beyond the picture by the radius, so that its borders bend as much as its middle.
      const away = (firstNode[pixel]! - radius + tap) * spacing - pixel;
      own[tap] = Math.exp(-((away / deviation) ** 2) / 2);
      squares += own[tap]! ** 2;
    }
    for (let tap = 0; tap < taps; tap++) own[tap]! /= Math.sqrt(squares);
  }
  return { pixels, taps, firstNode, weights, nodes: firstNode[pixels - 1]! + taps };
}

function smoothNoise(rows: Smoothing, columns: Smoothing, strength: number, random: Random): Float32Array {
  const noise = new Float64Array(rows.nodes * columns.nodes);
  for (let i = 0; i < noise.length; i++) noise[i] = random.between(-strength, strength);
  const width = columns.pixels;
  const alongRows = new Float64Array(rows.nodes * width);
  for (let node = 0; node < rows.nodes; node++) {
    for (let column = 0; column < width; column++) {
      const at = node * columns.nodes + columns.firstNode[column]!;
      let sum = 0;
      for (let tap = 0; tap < columns.taps; tap++) {
        sum += columns.weights[column * columns.taps + tap]! * noise[at + tap]!;
      }
      alongRows[node * width + column] = sum;
    }
  }
  const smooth = new Float32Array(rows.pixels * width);
  for (let row = 0; row < rows.pixels; row++) {
    for (let column = 0; column < width; column++) {
      const at = rows.firstNode[row]! * width + column;
      let sum = 0;
      for (let tap = 0; tap < rows.taps; tap++) {
        sum += rows.weights[row * rows.taps + tap]! * alongRows[at + tap * width]!;
      }
      smooth[row * width + column] = sum;
    }
  }
  return smooth;
}
