import { EXTRA_ROWS, LOWEST, ZEROS } from './change-bases.ts';
import type { Box, DifferentVariants } from './different-variants.ts';
import type { GraphPlan } from './graph-plan.ts';
import { layerCost } from './layer-cost.ts';
import { INPUT, type SoftmaxLayer } from './layer-graph.ts';
import type { PlanLayer } from './pool-last.ts';
import { isRectifier } from './rectifiers.ts';
import type { AxisGeometry, WindowGeometry } from './window-geometry.ts';

/** Stretch of an axis of a map, in pixels; what is read may stick out of the map, into the padding. */
interface Span {
  readonly from: number;
  readonly count: number;
}

/** One layer of a pass over what a change of the image changes. */
export interface ChangeStep {
  readonly layer: Exclude<PlanLayer, SoftmaxLayer>;
  /**
   * What it reads of its inputs: `changed` what has changed there alone, place by place; `around` more, which is put
   * together of changed and unchanged rows first, in the table of each input; `sum` what has changed, to which the sum
   * of all that has not is added, see {@link ChangeGroup.unchanged}: global average pooling.
   */
  readonly reads: 'changed' | 'around' | 'sum';
}

/** Variants whose changes have the same sizes in every layer, so that they make one batch. */
export interface ChangeGroup {
  /** Positions among the variants. */
  readonly members: readonly number[];
  /** The box that counts as changed, of one size for all members. */
  box(member: number): Box;
  /** Of a full pass's multiply-adds, what one of them takes. */
  readonly share: number;
  /** By {@link readKey}: what a layer gathers of an input. */
  readonly reads: ReadonlyMap<string, ChangeRead>;
  /** By layer that reads the sum of its input: where in that input a member's change comes to. */
  readonly sums: ReadonlyMap<string, (member: number) => Box>;
}

export interface ChangeRead {
  readonly height: number;
  readonly width: number;
  /** [members, height, width]: rows in the table of that input, see {@link tableOf}, for members 0, 1, ... of a batch. */
  rows(members: readonly number[]): Int32Array;
}

export const readKey = (layer: string, input: number): string => `${layer} ${input}`;

/**
 * How a change of a window of the image goes through a net: of each layer only the places that it can reach are
 * computed anew, from the maps of the unchanged image round them. Exact: Nakandala, Kumar & Papakonstantinou 2019,
 * "Incremental and Approximate Inference for Faster Occlusion-based Deep CNN Explanations", section 3.
 */
export class ChangePlan {
  readonly steps: readonly ChangeStep[];
  /** Layers whose unchanged maps are read row by row; may hold the input. */
  readonly tables: ReadonlySet<string>;
  /** Layers of whose unchanged maps sums are read. */
  readonly sums: ReadonlySet<string>;
  /** Of each step, at one place of its output: multiply-adds. */
  private readonly costs: readonly number[];
  private readonly known = new Map<string, AxisPlace>();

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
      layer.type === 'softmax' ? [] : [{ layer, reads: readsOf(plan, layer) }],
    );
    const inputsOf = (wanted: ChangeStep['reads']): Set<string> =>
      new Set(this.steps.flatMap(({ layer, reads }) => (reads === wanted ? layer.inputs : [])));
    this.tables = inputsOf('around');
    this.sums = inputsOf('sum');
    this.costs = this.steps.map(({ layer }) => {
      const [height, width] = plan.spatialShape(layer.name);
      return layerCost(layer, plan.shapes.get(layer.name)!).multiplyAdds / (height * width);
    });
  }

  /** Layers whose unchanged maps are read; may hold the input. */
  get bases(): ReadonlySet<string> {
    return new Set([...this.tables, ...this.sums]);
  }

  /**
   * @param few a group of fewer than so many is not worth its own: what differs little is taken as the whole window
   *   that it lies in, as most are; and near the border, where less is reached, windows take as much as those further
   *   inside, and join them
   */
  groups({ boxes, windows }: Pick<DifferentVariants, 'boxes' | 'windows'>, few = 1): ChangeGroup[] {
    const places: Place[] = [];
    const groups = new Map<string, { readonly place: Place; readonly members: number[] }>();
    const attempts = [
      { of: boxes, cutOff: true, least: few },
      { of: windows, cutOff: true, least: few },
      { of: windows, cutOff: false, least: 1 },
    ];
    let left = Array.from(boxes.keys());
    for (const { of, cutOff, least } of attempts) {
      for (const member of left) {
        const place = this.place(of[member]!, cutOff);
        places[member] = place;
        const sizes = `${place.y.sizes} ${place.x.sizes}`;
        const group = groups.get(sizes);
        if (group === undefined) groups.set(sizes, { place, members: [member] });
        else group.members.push(member);
      }
      const small = [...groups].filter(([, { members }]) => members.length < least);
      for (const [sizes] of small) groups.delete(sizes);
      left = small.flatMap(([, { members }]) => members);
    }
    return [...groups.values()].map(({ place, members }) => ({
      members,
      box: (member) => places[member]!.box,
      share: this.share(place),
      reads: this.reads(place, places),
      sums: this.sumsRead(places),
    }));
  }

  private place(box: Box, cutOff: boolean): Place {
    const y = this.along('y', { from: box.top, count: box.height }, cutOff);
    const x = this.along('x', { from: box.left, count: box.width }, cutOff);
    return { box, y, x };
  }

  private share({ y, x }: Place): number {
    let [part, whole] = [0, 0];
    for (const [i, { layer }] of this.steps.entries()) {
      const [height, width] = this.plan.spatialShape(layer.name);
      part += this.costs[i]! * y.changed.get(layer.name)!.count * x.changed.get(layer.name)!.count;
      whole += this.costs[i]! * height * width;
    }
    return part / whole;
  }

  private reads({ y, x }: Place, places: readonly Place[]): ReadonlyMap<string, ChangeRead> {
    const reads = new Map<string, ChangeRead>();
    for (const { layer, reads: read } of this.steps) {
      if (read !== 'around') continue;
      for (const [at, input] of layer.inputs.entries()) {
        const [mapHeight, mapWidth] = this.plan.spatialShape(input);
        const pad = mapHeight * mapWidth + (layer.type === 'maxPool2d' ? LOWEST : ZEROS);
        const rows = (members: readonly number[]): Int32Array =>
          rowsOf(
            members.map((member) => places[member]!),
            { layer: layer.name, input, pad, mapHeight, mapWidth },
          );
        const height = y.read.get(layer.name)!.count;
        const width = x.read.get(layer.name)!.count;
        reads.set(readKey(layer.name, at), { height, width, rows });
      }
    }
    return reads;
  }

  private sumsRead(places: readonly Place[]): ChangeGroup['sums'] {
    const summing = this.steps.filter(({ reads }) => reads === 'sum');
    return new Map(
      summing.map(({ layer: { name, inputs } }) => [
        name,
        (member) => {
          const { y, x } = places[member]!;
          const [down, across] = [y.changed.get(inputs[0]!)!, x.changed.get(inputs[0]!)!];
          return { top: down.from, left: across.from, height: down.count, width: across.count };
        },
      ]),
    );
  }

  /** Where the change of a stretch of the image comes to, along one axis. */
  private along(axis: 'y' | 'x', window: Span, cutOff: boolean): AxisPlace {
    const key = `${axis} ${window.from} ${window.count} ${cutOff}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const changed = new Map([[INPUT, window]]);
    const read = new Map<string, Span>();
    for (const { layer, reads } of this.steps) {
      const inputs = layer.inputs.map((name) => changed.get(name)!);
      const geometry = windowsOf(this.plan, layer)?.[axis];
      const out = geometry ? outputs(geometry, inputs[0]!, cutOff) : reached(layer, inputs, axis);
      changed.set(layer.name, out);
      if (reads === 'around')
        read.set(layer.name, geometry ? inputsOf(geometry, out) : this.whole(layer, out, axis));
    }
    const sizes = [...changed.values(), ...read.values()].map(({ count }) => count).join();
    const place = { changed, read, sizes };
    this.known.set(key, place);
    return place;
  }

  /** What a layer without windows that reads around takes of its inputs. */
  private whole(layer: PlanLayer, out: Span, axis: 'y' | 'x'): Span {
    if (layer.type === 'add' || layer.type === 'concat') return out;
    const [height, width] = this.plan.spatialShape(layer.inputs[0]!);
    return { from: 0, count: axis === 'y' ? height : width };
  }
}

/** Where a change comes to. */
interface Place {
  readonly box: Box;
  readonly y: AxisPlace;
  readonly x: AxisPlace;
}

interface AxisPlace {
  /** By layer, of its output: where that may differ. */
  readonly changed: ReadonlyMap<string, Span>;
  /** By layer that reads around: what it takes of its inputs. */
  readonly read: ReadonlyMap<string, Span>;
  /** Of all of these: equal ones go into one batch. */
  readonly sizes: string;
}

function readsOf(plan: GraphPlan, layer: PlanLayer): ChangeStep['reads'] {
  if (layer.type === 'globalAveragePool2d') return 'sum';
  if (layer.type === 'conv2d') return plan.isPointwise(layer) ? 'changed' : 'around';
  if (isRectifier(layer)) return 'changed';
  return ['affine', 'zeroPadding2d', 'dense', 'dropout', 'softmax'].includes(layer.type)
    ? 'changed'
    : 'around';
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

/**
 * The outputs whose windows meet some pixels: at least one, where none does.
 *
 * @param cutOff at the border; else moved inwards, as many as there would be away from it
 */
function outputs(
  { output, kernel, stride, dilation, padBefore }: AxisGeometry,
  { from, count }: Span,
  cutOff: boolean,
): Span {
  const first = Math.ceil((from + padBefore - dilation * (kernel - 1)) / stride);
  const last = Math.floor((from + count - 1 + padBefore) / stride);
  if (!cutOff) {
    const most = Math.min(Math.max(last - first + 1, 1), output);
    return { from: Math.min(Math.max(first, 0), output - most), count: most };
  }
  const start = Math.min(Math.max(first, 0), output - 1);
  return { from: start, count: Math.max(Math.min(last, output - 1) - start, 0) + 1 };
}

/** The pixels under the windows of some outputs. */
function inputsOf({ kernel, stride, dilation, padBefore }: AxisGeometry, { from, count }: Span): Span {
  return { from: from * stride - padBefore, count: (count - 1) * stride + dilation * (kernel - 1) + 1 };
}

/** Where the output of a layer without windows may differ. */
function reached(layer: PlanLayer, inputs: readonly Span[], axis: 'y' | 'x'): Span {
  const [first] = inputs as [Span];
  switch (layer.type) {
    case 'zeroPadding2d': {
      const [rows, columns] = layer.padding;
      return { ...first, from: first.from + (axis === 'y' ? rows : columns)[0] };
    }
    case 'add':
    case 'concat': {
      const from = Math.min(...inputs.map((span) => span.from));
      return { from, count: Math.max(...inputs.map((span) => span.from + span.count)) - from };
    }
    case 'globalAveragePool2d':
    case 'flatten':
      return { from: 0, count: 1 };
    default:
      return first;
  }
}

interface RowSource {
  readonly layer: string;
  readonly input: string;
  /** The row that stands for what lies beyond the border. */
  readonly pad: number;
  readonly mapHeight: number;
  readonly mapWidth: number;
}

function rowsOf(places: readonly Place[], { layer, input, pad, mapHeight, mapWidth }: RowSource): Int32Array {
  const [{ y, x }] = places as [Place];
  const rows = new Int32Array(places.length * y.read.get(layer)!.count * x.read.get(layer)!.count);
  const own = mapHeight * mapWidth + EXTRA_ROWS;
  let at = 0;
  for (const [i, place] of places.entries()) {
    const [down, across] = [place.y.read.get(layer)!, place.x.read.get(layer)!];
    const [changedDown, changedAcross] = [place.y.changed.get(input)!, place.x.changed.get(input)!];
    const [left, right] = [across.from, across.from + across.count];
    const [inLeft, inRight] = [Math.max(left, 0), Math.min(right, mapWidth)];
    const changedLeft = Math.max(left, changedAcross.from);
    const changedRight = Math.min(right, changedAcross.from + changedAcross.count);
    const first = own + i * changedDown.count * changedAcross.count - changedAcross.from;
    // In stretches: there are hundreds of pixels a window, in every layer.
    for (let v = down.from; v < down.from + down.count; v++) {
      const row = at - left;
      if (v < 0 || v >= mapHeight) rows.fill(pad, at, at + across.count);
      else {
        for (let u = left; u < inLeft; u++) rows[row + u] = pad;
        for (let u = inLeft; u < inRight; u++) rows[row + u] = v * mapWidth + u;
        for (let u = inRight; u < right; u++) rows[row + u] = pad;
      }
      const line = v - changedDown.from;
      if (line >= 0 && line < changedDown.count) {
        for (let u = changedLeft; u < changedRight; u++)
          rows[row + u] = first + line * changedAcross.count + u;
      }
      at += across.count;
    }
  }
  return rows;
}
