import type { Box } from './different-variants.ts';
import type { GraphPlan } from './graph-plan.ts';

/** Rows that each table has beside a map's own: zeros, which convolutions read beyond the border, and what no pool takes. */
export const ZEROS = 0;
export const LOWEST = 1;
export const EXTRA_ROWS = 2;

/** What changes of one image are read into: its unchanged maps, by layer. */
export interface ChangeBases {
  /**
   * [h w + 2, C]: the pixels of a map in row-major order, zeros, the lowest number. Changed pixels follow after these,
   * [batch, height, width, C].
   */
  readonly tables: ReadonlyMap<string, Float32Array>;
  readonly sums: ReadonlyMap<string, MapSums>;
}

/** Layers whose unchanged maps are read, row by row or in sums: a `ChangePlan`. */
interface ReadMaps {
  readonly plan: GraphPlan;
  readonly tables: ReadonlySet<string>;
  readonly sums: ReadonlySet<string>;
}

/** @param maps [h, w, C] of each layer that is read */
export function changeBases(
  { plan, tables, sums }: ReadMaps,
  maps: ReadonlyMap<string, Float32Array>,
): ChangeBases {
  const mapOf = (name: string): Float32Array => maps.get(name)!;
  return {
    tables: new Map([...tables].map((name) => [name, tableOf(mapOf(name), plan.spatialShape(name)[2])])),
    sums: new Map([...sums].map((name) => [name, new MapSums(mapOf(name), plan.spatialShape(name))])),
  };
}

function tableOf(map: Float32Array, channels: number): Float32Array {
  const table = new Float32Array(map.length + EXTRA_ROWS * channels);
  table.set(map);
  table.fill(-3.4e38, map.length + LOWEST * channels);
  return table;
}

/** Sums over boxes of a map, by the sums over all boxes at its upper left corner (Crow 1984). */
export class MapSums {
  /** [h + 1, w + 1, C]. */
  private readonly upTo: Float64Array;

  /** @param map [h, w, C] */
  constructor(
    map: Float32Array,
    private readonly shape: readonly [number, number, number],
  ) {
    const [height, width, channels] = shape;
    const row = (width + 1) * channels;
    this.upTo = new Float64Array((height + 1) * row);
    for (let y = 0; y < height; y++) {
      for (let i = channels; i < row; i++) {
        const at = (y + 1) * row + i;
        const above = this.upTo[at - row]! - this.upTo[at - row - channels]!;
        this.upTo[at] = map[y * width * channels + i - channels]! + this.upTo[at - channels]! + above;
      }
    }
  }

  /** What the pixels outside of each box add to the mean of the map, [boxes, C]. */
  meansOutside(boxes: readonly Box[]): Float32Array {
    const [height, width, channels] = this.shape;
    const means = new Float32Array(boxes.length * channels);
    const corner = (y: number, x: number): number => (y * (width + 1) + x) * channels;
    const all = corner(height, width);
    for (const [i, box] of boxes.entries()) {
      const [bottom, right] = [box.top + box.height, box.left + box.width];
      const [a, b] = [corner(box.top, box.left), corner(box.top, right)];
      const [c, d] = [corner(bottom, box.left), corner(bottom, right)];
      for (let k = 0; k < channels; k++) {
        const inside = this.upTo[d + k]! - this.upTo[b + k]! - this.upTo[c + k]! + this.upTo[a + k]!;
        means[i * channels + k] = (this.upTo[all + k]! - inside) / (height * width);
      }
    }
    return means;
  }
}
