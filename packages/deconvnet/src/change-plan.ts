import type { ChangedWindows } from './changed-windows.ts';
import type { GraphPlan } from './graph-plan.ts';
import { layerCost } from './layer-cost.ts';
import { INPUT, type SoftmaxLayer } from './layer-graph.ts';
import type { PlanLayer } from './pool-last.ts';
import { isRectifier } from './rectifiers.ts';
import type { AxisGeometry, WindowGeometry } from './window-geometry.ts';

/** Part of a map, in its pixels; what is read may stick out of the map, into the padding. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** One layer of a pass over what a change of the image changes. */
export interface ChangeStep {
  readonly layer: Exclude<PlanLayer, SoftmaxLayer>;
  /**
   * Whether it reads more of its inputs than what has changed there: that is put together of changed and unchanged
   * rows first, in the table of each input. Otherwise it goes from changed to changed, place by place.
   */
  readonly gathers: boolean;
}

/** Windows whose changes have the same sizes in every layer, so that they make one batch. */
export interface ChangeGroup {
  /** Positions among the windows. */
  readonly members: readonly number[];
  /** Of a full pass's multiply-adds, what one of them takes. */
  readonly share: number;
  /** By {@link readKey}: what a layer gathers of an input. */
  readonly reads: ReadonlyMap<string, ChangeRead>;
}

export interface ChangeRead {
  readonly height: number;
  readonly width: number;
  /** [members, height, width]: rows in the table of that input, see {@link tableOf}, for members 0, 1, ... of a batch. */
  rows(members: readonly number[]): Int32Array;
}

export const readKey = (layer: string, input: number): string => `${layer} ${input}`;

/** Rows that each table has beside a map's own: zeros, which convolutions read beyond the border, and what no pool takes. */
const ZEROS = 0;
const LOWEST = 1;
export const EXTRA_ROWS = 2;

/**
 * The rows of an unchanged map, [h w + 2, C]: its pixels in row-major order, zeros, the lowest number. Changed pixels
 * follow after these, [batch, height, width, C].
 */
export function tableOf(map: Float32Array, channels: number): Float32Array {
  const table = new Float32Array(map.length + EXTRA_ROWS * channels);
  table.set(map);
  table.fill(-3.4e38, map.length + LOWEST * channels);
  return table;
}

/** The unchanged maps of one image that changes are read into, by layer. */
export type BaseTables = ReadonlyMap<string, Float32Array>;

/**
 * How a change of a window of the image goes through a net: of each layer only the places that it can reach are
 * computed anew, from the maps of the unchanged image round them. Exact: Nakandala, Kumar & Papakonstantinou 2019,
 * "Incremental and Approximate Inference for Faster Occlusion-based Deep CNN Explanations", section 3.
 */
export class ChangePlan {
  readonly steps: readonly ChangeStep[];
  /** Layers whose unchanged maps are read; may hold the input. */
  readonly bases: ReadonlySet<string>;
  private readonly fullCost: number;

  /**
   * @returns undefined for nets with rectifiers behind the global pooling, whose slopes hang on whole maps, and for
   *   average pools that leave padding out of their means
   */
  static of(plan: GraphPlan): ChangePlan | undefined {
    const fits = [...plan.layers.values()].every((layer) => {
      if (layer.type === 'meanGate') return false;
      if (layer.type !== 'averagePool2d') return true;
      const { y, x } = plan.poolGeometry(layer);
      return y.padBefore + y.padAfter + x.padBefore + x.padAfter === 0;
    });
    return fits ? new ChangePlan(plan) : undefined;
  }

  private constructor(readonly plan: GraphPlan) {
    this.steps = [...plan.layers.values()].flatMap((layer) =>
      layer.type === 'softmax' ? [] : [{ layer, gathers: gathers(plan, layer) }],
    );
    this.bases = new Set(this.steps.flatMap(({ layer, gathers }) => (gathers ? layer.inputs : [])));
    this.fullCost = this.steps.reduce((sum, { layer }) => sum + this.cost(layer), 0);
  }

  groups({ height, width, corners }: ChangedWindows): ChangeGroup[] {
    const places = new Map<string, Place>();
    const groups = new Map<string, { place: Place; members: number[] }>();
    const placeOf: Place[] = [];
    for (let i = 0; i < corners.length / 2; i++) {
      const [top, left] = [corners[2 * i]!, corners[2 * i + 1]!];
      const corner = `${top} ${left}`;
      const place = places.get(corner) ?? this.place({ top, left, height, width });
      places.set(corner, place);
      placeOf.push(place);
      const group = groups.get(place.sizes) ?? { place, members: [] };
      groups.set(place.sizes, group);
      group.members.push(i);
    }
    return [...groups.values()].map(({ place, members }) => ({
      members,
      share: place.cost / this.fullCost,
      reads: new Map(
        [...place.reads].map(([key, { input, pad, region }]) => {
          const [mapHeight, mapWidth] = this.plan.spatialShape(input);
          const rows = (of: readonly number[]): Int32Array =>
            rowsOf(
              of.map((member) => placeOf[member]!),
              { key, input, pad: mapHeight * mapWidth + pad },
              mapHeight,
              mapWidth,
            );
          return [key, { height: region.height, width: region.width, rows }];
        }),
      ),
    }));
  }

  private place(window: Region): Place {
    const { plan } = this;
    const changed = new Map([[INPUT, window]]);
    const reads = new Map<string, Read>();
    let cost = 0;
    for (const { layer, gathers } of this.steps) {
      const inputs = layer.inputs.map((name) => changed.get(name)!);
      const out = this.reached(layer, inputs);
      changed.set(layer.name, out);
      const [height, width] = plan.spatialShape(layer.name);
      cost += (this.cost(layer) * out.height * out.width) / (height * width);
      if (!gathers) continue;
      for (const [i, input] of layer.inputs.entries()) {
        reads.set(readKey(layer.name, i), {
          input,
          pad: layer.type === 'maxPool2d' ? LOWEST : ZEROS,
          region: this.read(layer, out),
        });
      }
    }
    const regions = [...changed.values(), ...[...reads.values()].map(({ region }) => region)];
    return {
      changed,
      reads,
      cost,
      sizes: regions.map(({ height, width }) => `${height}x${width}`).join(),
    };
  }

  /** Where the output of a layer may differ. */
  private reached(layer: PlanLayer, inputs: readonly Region[]): Region {
    const geometry = windowsOf(this.plan, layer);
    const [first] = inputs as [Region];
    if (geometry !== undefined) {
      const [top, height] = outputs(geometry.y, first.top, first.height);
      const [left, width] = outputs(geometry.x, first.left, first.width);
      return { top, left, height, width };
    }
    switch (layer.type) {
      case 'zeroPadding2d':
        return { ...first, top: first.top + layer.padding[0][0], left: first.left + layer.padding[1][0] };
      case 'add':
      case 'concat':
        return union(inputs);
      case 'globalAveragePool2d':
      case 'flatten':
        return { top: 0, left: 0, height: 1, width: 1 };
      default:
        return first;
    }
  }

  /** What a layer that gathers takes of an input. */
  private read(layer: PlanLayer, out: Region): Region {
    const geometry = windowsOf(this.plan, layer);
    if (geometry !== undefined) {
      const [top, height] = inputsOf(geometry.y, out.top, out.height);
      const [left, width] = inputsOf(geometry.x, out.left, out.width);
      return { top, left, height, width };
    }
    if (layer.type === 'add' || layer.type === 'concat') return out;
    const [height, width] = this.plan.spatialShape(layer.inputs[0]!);
    return { top: 0, left: 0, height, width };
  }

  private cost(layer: PlanLayer): number {
    return layerCost(layer, this.plan.shapes.get(layer.name)!).multiplyAdds;
  }
}

/** Where one window's change comes to. */
interface Place {
  readonly changed: ReadonlyMap<string, Region>;
  readonly reads: ReadonlyMap<string, Read>;
  readonly cost: number;
  /** Of all regions: equal ones go into one batch. */
  readonly sizes: string;
}

interface Read {
  readonly input: string;
  /** The row that stands for what lies beyond the border. */
  readonly pad: number;
  readonly region: Region;
}

function gathers(plan: GraphPlan, layer: PlanLayer): boolean {
  if (layer.type === 'conv2d') return !plan.isPointwise(layer);
  if (isRectifier(layer)) return false;
  return !['affine', 'zeroPadding2d', 'dense', 'dropout', 'softmax'].includes(layer.type);
}

/** Of a layer with windows. */
export function windowsOf(plan: GraphPlan, layer: PlanLayer): WindowGeometry | undefined {
  if (layer.type === 'conv2d') return plan.convGeometry(layer);
  return layer.type === 'maxPool2d' || layer.type === 'averagePool2d' ? plan.poolGeometry(layer) : undefined;
}

/** The same windows on inputs that hold what lies beyond the border. */
export function withoutPadding({ y, x }: WindowGeometry): WindowGeometry {
  return { y: { ...y, padBefore: 0, padAfter: 0 }, x: { ...x, padBefore: 0, padAfter: 0 } };
}

/** First and number of the outputs whose windows meet some pixels: at least one, where none does. */
function outputs({ output, kernel, stride, dilation, padBefore }: AxisGeometry, from: number, count: number) {
  const first = Math.ceil((from + padBefore - dilation * (kernel - 1)) / stride);
  const last = Math.floor((from + count - 1 + padBefore) / stride);
  const start = Math.min(Math.max(first, 0), output - 1);
  return [start, Math.max(Math.min(last, output - 1) - start, 0) + 1] as const;
}

/** First and number of the pixels under the windows of some outputs. */
function inputsOf({ kernel, stride, dilation, padBefore }: AxisGeometry, from: number, count: number) {
  return [from * stride - padBefore, (count - 1) * stride + dilation * (kernel - 1) + 1] as const;
}

function union(regions: readonly Region[]): Region {
  const top = Math.min(...regions.map((region) => region.top));
  const left = Math.min(...regions.map((region) => region.left));
  return {
    top,
    left,
    height: Math.max(...regions.map((region) => region.top + region.height)) - top,
    width: Math.max(...regions.map((region) => region.left + region.width)) - left,
  };
}

/** @param pad the row beyond the border */
function rowsOf(
  places: readonly Place[],
  { key, input, pad }: { readonly key: string; readonly input: string; readonly pad: number },
  mapHeight: number,
  mapWidth: number,
): Int32Array {
  const { height, width } = places[0]!.reads.get(key)!.region;
  const rows = new Int32Array(places.length * height * width);
  const own = mapHeight * mapWidth + EXTRA_ROWS;
  let at = 0;
  for (const [i, place] of places.entries()) {
    const { top, left } = place.reads.get(key)!.region;
    const change = place.changed.get(input)!;
    const first = own + i * change.height * change.width;
    // Row by row in stretches: there are hundreds of pixels a window, and tens of layers.
    const inLeft = Math.max(left, 0);
    const inRight = Math.min(left + width, mapWidth);
    const changedLeft = Math.max(left, change.left);
    const changedRight = Math.min(left + width, change.left + change.width);
    for (let y = top; y < top + height; y++) {
      const row = at - left;
      if (y < 0 || y >= mapHeight) rows.fill(pad, at, at + width);
      else {
        for (let x = left; x < inLeft; x++) rows[row + x] = pad;
        for (let x = inLeft; x < inRight; x++) rows[row + x] = y * mapWidth + x;
        for (let x = inRight; x < left + width; x++) rows[row + x] = pad;
      }
      if (y >= change.top && y < change.top + change.height) {
        const from = first + (y - change.top) * change.width - change.left;
        for (let x = changedLeft; x < changedRight; x++) rows[row + x] = from + x;
      }
      at += width;
    }
  }
  return rows;
}
