import {
  add,
  dispose,
  div,
  getBackend,
  reshape,
  softmax,
  sum,
  type Tensor,
  type Tensor2D,
  tensor2d,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { type ChangeBases, changeBases } from './change-bases.ts';
import { ChangePlan, readKey, windowsOf, withoutPadding } from './change-plan.ts';
import { type ChangeBatch, ChangeScorer } from './change-scorer.ts';
import type { Box } from './different-variants.ts';
import type { Prediction } from './explanation.ts';
import { runLayer } from './forward.ts';
import { INPUT } from './layer-graph.ts';
import type { PreparedGraph } from './prepared-graph.ts';

/** What changes of one image are read into, and room for what is put together of it. */
class TensorBases {
  private scratch = new Float32Array();

  constructor(readonly bases: ChangeBases) {}

  /** For the values of a tensor: the wasm backend copies them at once, so that one array serves again and again. */
  room(size: number): Float32Array {
    if (getBackend() !== 'wasm') return new Float32Array(size);
    if (this.scratch.length < size) this.scratch = new Float32Array(size);
    return this.scratch.subarray(0, size);
  }
}

export interface TensorPasses {
  predict(images: Float32Array): Promise<Prediction>;
  /** Runs ops on the backend where the weights are. */
  onBackend<T>(run: () => T): T;
}

/** Apart from the explainer, which loads it when the first changes come: who only explains does without. */
export function tensorChanges(
  prepared: PreparedGraph,
  { predict, onBackend }: TensorPasses,
): ChangeScorer<TensorBases> {
  return new ChangeScorer(prepared.graph, prepared.classCount, {
    plan: () => (onBackend(gathersCheaply) ? ChangePlan.of(prepared) : undefined),
    full: predict,
    base: async (changes, image) => onBackend(() => tensorBases(prepared, changes, image)),
    changed: async (changes, base, batch) => onBackend(() => predictBatch(prepared, changes, base, batch)),
  });
}

/**
 * Whether rows are gathered where the arithmetic is: between layers they pass through JavaScript, which on a GPU would
 * cost more than the arithmetic saved.
 */
function gathersCheaply(): boolean {
  return ['cpu', 'wasm'].includes(getBackend());
}

/** @param image [H, W, C] */
function tensorBases(prepared: PreparedGraph, changes: ChangePlan, image: Float32Array): TensorBases {
  const maps = new Map<string, Float32Array>();
  tidy(() => {
    const outputs = new Map<string, Tensor>([[INPUT, tensor4d(image, [1, ...prepared.graph.inputShape])]]);
    const { fusedRelu } = prepared;
    for (const { layer } of changes.steps) {
      const inputs = layer.inputs.map((name) => outputs.get(name)!);
      outputs.set(layer.name, runLayer(prepared, layer, inputs, { fusedRelu }));
    }
    for (const name of changes.bases) maps.set(name, outputs.get(name)!.dataSync<'float32'>());
  });
  return new TensorBases(changeBases(changes, maps));
}

/** Class scores of a batch of variants of one group, computed from what their windows change. */
function predictBatch(
  prepared: PreparedGraph,
  changes: ChangePlan,
  base: TensorBases,
  { variants, group, members }: ChangeBatch,
): Prediction {
  return tidy(() => {
    const batch = members.length;
    const { tables, sums } = base.bases;
    const [, , channels] = prepared.graph.inputShape;
    const boxes = members.map((member) => group.box(member));
    const [{ height, width }] = boxes as [Box];
    const values = variants.values(members, boxes);
    const outputs = new Map<string, Tensor>([[INPUT, tensor4d(values, [batch, height, width, channels])]]);
    const pending = new Map([...prepared.consumers].map(([name, users]) => [name, users.length]));
    const rows = new Map<string, Float32Array>();
    const gathered = (layer: string, input: string, at: number): Tensor => {
      const read = group.reads.get(readKey(layer, at))!;
      const [, , depth] = prepared.spatialShape(input);
      if (!rows.has(input)) rows.set(input, outputs.get(input)!.dataSync<'float32'>());
      const together = base.room(batch * read.height * read.width * depth);
      gather(tables.get(input)!, rows.get(input)!, read.rows(members), together);
      return tensor4d(together, [batch, read.height, read.width, depth]);
    };
    const meanOf = (layer: string, input: string): Tensor => {
      const inside = sum(outputs.get(input)!, [1, 2]);
      const [rowsOfMap, columns, depth] = prepared.spatialShape(input);
      const outside = sums.get(input)!.meansOutside(members.map(group.sums.get(layer)!));
      return add(div(inside, rowsOfMap * columns), tensor2d(outside, [batch, depth]));
    };
    for (const { layer, reads } of changes.steps) {
      const around = reads === 'around';
      const inputs = layer.inputs.map((name, at) =>
        around ? gathered(layer.name, name, at) : outputs.get(name)!,
      );
      const windowed = around ? windowsOf(prepared, layer) : undefined;
      const options = {
        fusedRelu: prepared.fusedRelu,
        geometry: windowed && withoutPadding(windowed),
      };
      const run = (): Tensor => {
        if (reads === 'sum') return meanOf(layer.name, layer.inputs[0]!);
        // Rows of a padded map are changed where those of the map are: nothing to compute.
        if (layer.type === 'zeroPadding2d') return forAnotherOwner(inputs[0]!);
        return runLayer(prepared, layer, inputs, options);
      };
      outputs.set(layer.name, run());
      if (around) dispose(inputs);
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
