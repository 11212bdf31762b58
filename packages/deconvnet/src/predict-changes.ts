import {
  dispose,
  getBackend,
  reshape,
  softmax,
  type Tensor,
  type Tensor2D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import {
  type BaseTables,
  type ChangeGroup,
  type ChangePlan,
  readKey,
  tableOf,
  windowsOf,
  withoutPadding,
} from './change-plan.ts';
import { type ChangedWindows, valuesOfWindows } from './changed-windows.ts';
import type { Prediction } from './explanation.ts';
import { runLayer } from './forward.ts';
import { INPUT } from './layer-graph.ts';
import type { PreparedGraph } from './prepared-graph.ts';

/**
 * Whether rows are gathered where the arithmetic is: between layers they pass through JavaScript, which on a GPU would
 * cost more than the arithmetic saved.
 */
export function gathersCheaply(): boolean {
  return ['cpu', 'wasm'].includes(getBackend());
}

/** What changes of one image are read into. */
export class ChangeBase {
  private scratch = new Float32Array();

  constructor(
    /** [H, W, C]. */
    readonly image: Float32Array,
    readonly tables: BaseTables,
  ) {}

  /** For the values of a tensor: the wasm backend copies them at once, so that one array serves again and again. */
  room(size: number): Float32Array {
    if (getBackend() !== 'wasm') return new Float32Array(size);
    if (this.scratch.length < size) this.scratch = new Float32Array(size);
    return this.scratch.subarray(0, size);
  }
}

/** @param image [H, W, C] */
export function changeBase(prepared: PreparedGraph, changes: ChangePlan, image: Float32Array): ChangeBase {
  const tables = new Map<string, Float32Array>();
  tidy(() => {
    const outputs = new Map<string, Tensor>([[INPUT, tensor4d(image, [1, ...prepared.graph.inputShape])]]);
    const { fusedRelu } = prepared;
    for (const { layer } of changes.steps) {
      const inputs = layer.inputs.map((name) => outputs.get(name)!);
      outputs.set(layer.name, runLayer(prepared, layer, inputs, { fusedRelu }));
    }
    for (const name of changes.bases) {
      const map = outputs.get(name)!.dataSync<'float32'>();
      tables.set(name, tableOf(map, prepared.spatialShape(name)[2]));
    }
  });
  return new ChangeBase(image.slice(), tables);
}

/**
 * Class scores of a batch of variants of one group, computed from what their windows change.
 *
 * @param members positions among the windows
 * @returns [members, N]
 */
export function predictBatch(
  prepared: PreparedGraph,
  changes: ChangePlan,
  base: ChangeBase,
  windows: ChangedWindows,
  { reads }: ChangeGroup,
  members: readonly number[],
): Prediction {
  return tidy(() => {
    const { height, width } = windows;
    const batch = members.length;
    const [, , channels] = prepared.graph.inputShape;
    const outputs = new Map<string, Tensor>([
      [INPUT, tensor4d(valuesOfWindows(windows, members), [batch, height, width, channels])],
    ]);
    const pending = new Map([...prepared.consumers].map(([name, users]) => [name, users.length]));
    const rows = new Map<string, Float32Array>();
    const gathered = (layer: string, input: string, at: number): Tensor => {
      const read = reads.get(readKey(layer, at))!;
      const [, , depth] = prepared.spatialShape(input);
      if (!rows.has(input)) rows.set(input, outputs.get(input)!.dataSync<'float32'>());
      const values = base.room(batch * read.height * read.width * depth);
      gather(base.tables.get(input)!, rows.get(input)!, read.rows(members), values);
      return tensor4d(values, [batch, read.height, read.width, depth]);
    };
    for (const { layer, gathers } of changes.steps) {
      const inputs = layer.inputs.map((name, at) =>
        gathers ? gathered(layer.name, name, at) : outputs.get(name)!,
      );
      const windowed = gathers ? windowsOf(prepared, layer) : undefined;
      const options = {
        fusedRelu: prepared.fusedRelu,
        geometry: windowed && withoutPadding(windowed),
      };
      // Rows of a padded map are changed where those of the map are: nothing to compute.
      const output =
        layer.type === 'zeroPadding2d'
          ? forAnotherOwner(inputs[0]!)
          : runLayer(prepared, layer, inputs, options);
      outputs.set(layer.name, output);
      if (gathers) dispose(inputs);
      for (const name of layer.inputs) {
        const left = pending.get(name)! - 1;
        pending.set(name, left);
        if (left > 0) continue;
        outputs.get(name)!.dispose();
        rows.delete(name);
      }
    }
    const logits: Tensor2D = reshape(outputs.get(prepared.featureMap.logits)!, [batch, -1]);
    return { logits: logits.dataSync<'float32'>(), probabilities: softmax(logits).dataSync<'float32'>() };
  });
}

/** Rows of a table, of which the last ones stand in another array; copied as far as they follow one another. */
function gather(base: Float32Array, changed: Float32Array, rows: Int32Array, into: Float32Array): void {
  const channels = into.length / rows.length;
  const own = base.length / channels;
  for (let at = 0; at < rows.length; ) {
    const first = rows[at]!;
    const isChanged = first >= own;
    let end = at + 1;
    while (end < rows.length && rows[end] === first + end - at && (isChanged || rows[end]! < own)) end++;
    const [source, from] = isChanged ? [changed, first - own] : [base, first];
    into.set(source.subarray(from * channels, (from + end - at) * channels), at * channels);
    at = end;
  }
}
