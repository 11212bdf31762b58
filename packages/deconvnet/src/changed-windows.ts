import { ExplainError } from './errors.ts';
import { checkImages } from './input-images.ts';
import type { LayerGraph } from './layer-graph.ts';

/** Windows of one size within an image, with other values than the image has there: one variant of it each. */
export interface ChangedWindows {
  /** Pixels. */
  readonly height: number;
  readonly width: number;
  /** [n, 2]: top and left of each window, which lies within the image. */
  readonly corners: Int32Array;
  /** [n, height, width, C], network input. */
  readonly values: Float32Array;
}

export interface ChangeOptions {
  /** Whole images in one pass at most, or as many variants as take the work of so many; default 16. */
  readonly batch?: number;
  /**
   * Of a full pass's multiply-adds: what a change takes this share of or more is scored by a full pass. Default 0.5,
   * since putting changed and unchanged values together costs too; 0 for full passes alone.
   */
  readonly mostShare?: number;
  /** Ends the call between two batches; on a pool of threads at once. */
  readonly signal?: AbortSignal;
}

export const CHANGE_DEFAULTS = { batch: 16, mostShare: 0.5 } as const satisfies ChangeOptions;

/**
 * @throws ExplainError where the image is not one image of the graph, a window does not lie within it, or the values
 *   are not finite numbers in the windows' number.
 */
export function checkChanges(
  graph: LayerGraph,
  image: Float32Array,
  changes: ChangedWindows,
  { batch = CHANGE_DEFAULTS.batch, mostShare = CHANGE_DEFAULTS.mostShare }: ChangeOptions,
): void {
  const [rows, columns, channels] = graph.inputShape;
  const refuse = (got: string, allowed: string): never => {
    throw new ExplainError({ asked: `changed windows of an image of "${graph.name}"`, got, allowed });
  };
  const images = checkImages(graph, image);
  if (images !== 1) refuse(`${images} images`, 'one');
  const { height, width, corners, values } = changes;
  const fits = (size: number, most: number): boolean => Number.isInteger(size) && size >= 1 && size <= most;
  if (!fits(height, rows) || !fits(width, columns)) {
    refuse(`windows of ${height}x${width}`, `whole pixels, 1x1 to ${rows}x${columns}`);
  }
  if (!fits(batch, Number.MAX_SAFE_INTEGER)) refuse(`a batch of ${batch}`, 'whole numbers from 1');
  if (!(mostShare >= 0)) refuse(`a largest share of ${mostShare}`, 'numbers from 0');
  const count = corners.length / 2;
  if (!Number.isInteger(count) || values.length !== count * height * width * channels) {
    refuse(
      `${values.length} values for ${corners.length} coordinates of corners`,
      `[n, 2] corners and [n, ${height}, ${width}, ${channels}] values`,
    );
  }
  for (let i = 0; i < count; i++) {
    const [top, left] = [corners[2 * i]!, corners[2 * i + 1]!];
    if (top < 0 || left < 0 || top + height > rows || left + width > columns) {
      refuse(
        `a corner at ${top}, ${left}`,
        `0, 0 to ${rows - height}, ${columns - width}: windows within the image`,
      );
    }
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse(`${values[bad]} at position ${bad}`, 'finite numbers');
}

/** The variants themselves, [members, H, W, C]. */
export function changedImages(
  [rows, columns, channels]: readonly [number, number, number],
  image: Float32Array,
  { height, width, corners, values }: ChangedWindows,
  members: readonly number[],
): Float32Array {
  const size = rows * columns * channels;
  const images = new Float32Array(members.length * size);
  for (const [at, member] of members.entries()) {
    images.set(image, at * size);
    for (let y = 0; y < height; y++) {
      const from = (member * height + y) * width * channels;
      const row = corners[2 * member]! + y;
      images.set(
        values.subarray(from, from + width * channels),
        at * size + (row * columns + corners[2 * member + 1]!) * channels,
      );
    }
  }
  return images;
}
