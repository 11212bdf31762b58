import { type ChangedWindows, changedImages } from './changed-windows.ts';
import type { LayerGraph } from './layer-graph.ts';

/** A rectangle of an image, in pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Of a window that holds what the image has there. */
export const UNCHANGED = -1;

/**
 * What changed windows leave to score: each variant once, and none that is the image itself. A window that covers
 * little ink gives the same variant as its neighbour that covers the same, and on a black background many change
 * nothing at all.
 */
export class DifferentVariants {
  /** Of each window, the position of its variant among the different ones, or {@link UNCHANGED}. */
  readonly of: Int32Array;
  /** Of each different variant, the smallest box that holds all that differs from the image. */
  readonly boxes: readonly Box[];
  /** Of each different variant, a window that gives it. */
  readonly windows: readonly Box[];
  /** Their positions among the windows. */
  private readonly positions: readonly number[];

  /** @param image [H, W, C] */
  constructor(
    private readonly shape: LayerGraph['inputShape'],
    private readonly image: Float32Array,
    private readonly changes: ChangedWindows,
  ) {
    const { height, width, corners } = changes;
    const boxes: Box[] = [];
    const windows: Box[] = [];
    const positions: number[] = [];
    /** Variants by what differs; those of one hash may differ all the same. */
    const known = new Map<number, number[]>();
    this.boxes = boxes;
    this.windows = windows;
    this.positions = positions;
    this.of = Int32Array.from({ length: corners.length / 2 }, (_, window) => {
      const box = this.changedBox(window);
      if (box === undefined) return UNCHANGED;
      const hash = this.hashOf(window, box);
      const alike = known.get(hash) ?? [];
      const same = alike.find((variant) => this.isSame(variant, window, box));
      if (same !== undefined) return same;
      known.set(hash, [...alike, boxes.length]);
      boxes.push(box);
      windows.push({ top: corners[2 * window]!, left: corners[2 * window + 1]!, height, width });
      positions.push(window);
      return boxes.length - 1;
    });
  }

  /** Number of different variants. */
  get count(): number {
    return this.boxes.length;
  }

  /** Number of windows that change nothing. */
  get unchanged(): number {
    return this.of.filter((variant) => variant === UNCHANGED).length;
  }

  /** Whole variants, [members, H, W, C]. */
  wholeImages(members: readonly number[]): Float32Array {
    const positions = members.map((member) => this.positions[member]!);
    return changedImages(this.shape, this.image, this.changes, positions);
  }

  /**
   * What variants hold in boxes of one size within their windows, [members, height, width, C].
   *
   * @param boxes of the members
   */
  values(members: readonly number[], boxes: readonly Box[]): Float32Array {
    const [{ height, width }] = boxes as [Box];
    const [, , channels] = this.shape;
    const { values } = this.changes;
    const chosen = new Float32Array(members.length * height * width * channels);
    let at = 0;
    for (const [i, member] of members.entries()) {
      for (let y = 0; y < height; y++) {
        const from = this.rowOf(this.positions[member]!, boxes[i]!, y);
        chosen.set(values.subarray(from, from + width * channels), at);
        at += width * channels;
      }
    }
    return chosen;
  }

  /** Where the y-th row of a box within a window starts among the values. */
  private rowOf(window: number, { top, left }: Box, y: number): number {
    const { height, width, corners } = this.changes;
    const [down, across] = [top - corners[2 * window]!, left - corners[2 * window + 1]!];
    return ((window * height + down + y) * width + across) * this.shape[2];
  }

  private changedBox(window: number): Box | undefined {
    const [, columns, channels] = this.shape;
    const { height, width, corners, values } = this.changes;
    const [top, left] = [corners[2 * window]!, corners[2 * window + 1]!];
    let [first, last, from, to] = [height, -1, width, -1];
    for (let y = 0; y < height; y++) {
      const row = (window * height + y) * width * channels;
      const own = ((top + y) * columns + left) * channels;
      for (let x = 0; x < width; x++) {
        for (let c = x * channels; c < (x + 1) * channels; c++) {
          if (values[row + c] === this.image[own + c]) continue;
          first = Math.min(first, y);
          last = y;
          from = Math.min(from, x);
          to = Math.max(to, x);
          break;
        }
      }
    }
    if (last < 0) return undefined;
    return { top: top + first, left: left + from, height: last - first + 1, width: to - from + 1 };
  }

  private hashOf(window: number, box: Box): number {
    const { values } = this.changes;
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    const size = box.width * this.shape[2];
    let hash = box.top * this.shape[1] + box.left;
    for (let y = 0; y < box.height; y++) {
      const from = this.rowOf(window, box, y);
      for (let i = from; i < from + size; i++) hash = Math.imul(hash ^ bits[i]!, 0x01000193);
    }
    return hash;
  }

  private isSame(variant: number, window: number, box: Box): boolean {
    const { values } = this.changes;
    const other = this.boxes[variant]!;
    const size = box.width * this.shape[2];
    if (other.top !== box.top || other.left !== box.left) return false;
    if (other.height !== box.height || other.width !== box.width) return false;
    for (let y = 0; y < box.height; y++) {
      const [a, b] = [this.rowOf(this.positions[variant]!, box, y), this.rowOf(window, box, y)];
      for (let i = 0; i < size; i++) if (values[a + i] !== values[b + i]) return false;
    }
    return true;
  }
}
