import {
  type ChangeBases,
  type ChangeBatch,
  type ChangePlan,
  readKey,
  windowsOf,
  withoutPadding,
} from '@clearmaps/deconvnet/changes';
import { type GraphPlan, INPUT } from '@clearmaps/deconvnet/graph';
import { encode, giveScores, writeImage } from './engine-graphs.ts';
import { writeForward, writeLayer, writeScores } from './forward.ts';
import { GraphBuilder } from './graph-builder.ts';
import { Net } from './net.ts';
import type { Values } from './runtime.ts';

/** Changed boxes, [n, height, width, C]. */
const VALUES = 'values';
/** The table of a layer's unchanged map, see `ChangeBases`. */
const tableName = (layer: string): string => `table of ${layer}`;
/** Rows that a layer reads of an input, int32 [n, h, w], by `readKey`. */
const rowsName = (key: string): string => `rows of ${key}`;
/** What unchanged pixels add to the means of global average pooling, [n, C, 1, 1]. */
const outsideName = (layer: string): string => `outside of ${layer}`;

/** `image` [1, H, W, C] in; the maps that changes are read into out, by layer, [1, h, w, C]. */
export function compileBases(plan: GraphPlan, { bases }: ChangePlan): Uint8Array {
  const net = new Net(plan, new GraphBuilder());
  const values = writeForward(net, writeImage(net));
  for (const name of bases) {
    const map = net.builder.op('Transpose', [values.get(name)!], { perm: [0, 2, 3, 1] });
    const shape = ['batch', ...plan.spatialShape(name)];
    net.builder.output(map, { name, type: 'float32', shape, description: '' });
  }
  return encode(net);
}

/**
 * Scores of variants of an image from what their windows change, one graph for windows of all sizes: what
 * {@link changeInputs} gives in, `logits` and `probabilities` [n, N] out.
 */
export function compileChanges(plan: GraphPlan, changes: ChangePlan): Uint8Array {
  const net = new Net(plan, new GraphBuilder());
  const { builder } = net;
  const [, , channels] = plan.graph.inputShape;
  const image = builder.input(VALUES, 'float32', ['batch', 'height', 'width', channels], '');
  // Changed places, [n, C, h, w].
  const values = new Map([[INPUT, builder.op('Transpose', [image], { perm: [0, 3, 1, 2] })]]);
  const tables = new Map<string, string>();
  for (const name of changes.tables) {
    const [, , depth] = plan.spatialShape(name);
    builder.input(tableName(name), 'float32', [`pixels of ${name}`, depth], '');
  }
  const table = (name: string): string => {
    if (!tables.has(name)) {
      const [, , depth] = plan.spatialShape(name);
      const pixels =
        name === INPUT ? image : builder.op('Transpose', [values.get(name)!], { perm: [0, 2, 3, 1] });
      const rows = builder.reshape(pixels, [-1, depth]);
      tables.set(name, builder.op('Concat', [tableName(name), rows], { axis: 0 }));
    }
    return tables.get(name)!;
  };
  const gathered = (key: string, input: string): string => {
    const rows = builder.input(rowsName(key), 'int32', ['batch', `height ${key}`, `width ${key}`], '');
    const pixels = builder.op('Gather', [table(input), rows], { axis: 0 });
    return builder.op('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  };
  const meanOf = (layer: string, input: string): string => {
    const [height, width, depth] = plan.spatialShape(input);
    const inside = builder.op('ReduceSum', [values.get(input)!, builder.ints([2, 3])], { keepdims: 1 });
    const outside = builder.input(outsideName(layer), 'float32', ['batch', depth, 1, 1], '');
    return builder.op('Add', [builder.op('Div', [inside, builder.floats([], [height * width])]), outside]);
  };
  const write = ({ layer, reads }: ChangePlan['steps'][number]): string => {
    if (reads === 'sum') return meanOf(layer.name, layer.inputs[0]!);
    if (reads === 'around') {
      const inputs = layer.inputs.map((name, at) => gathered(readKey(layer.name, at), name));
      const windows = windowsOf(plan, layer);
      return writeLayer(net, layer, inputs, windows && withoutPadding(windows));
    }
    const inputs = layer.inputs.map((name) => values.get(name)!);
    // Rows of a padded map are changed where those of the map are: nothing to compute.
    return layer.type === 'zeroPadding2d' ? inputs[0]! : writeLayer(net, layer, inputs);
  };
  for (const step of changes.steps) values.set(step.layer.name, write(step));
  giveScores(net, writeScores(net, values));
  return encode(net);
}

/** What {@link compileChanges} takes for a batch of variants. */
export function changeInputs(
  { plan, tables, sums }: { readonly plan: GraphPlan } & ChangeBases,
  { variants, group, members }: ChangeBatch,
): Record<string, Values> {
  const batch = members.length;
  const channelsOf = (name: string): number => plan.spatialShape(name)[2];
  const boxes = members.map((member) => group.box(member));
  const { height, width } = boxes[0]!;
  const data = variants.values(members, boxes);
  const inputs: Record<string, Values> = {
    [VALUES]: { shape: [batch, height, width, channelsOf(INPUT)], data },
  };
  for (const [name, table] of tables) {
    inputs[tableName(name)] = { shape: [table.length / channelsOf(name), channelsOf(name)], data: table };
  }
  for (const [key, read] of group.reads) {
    inputs[rowsName(key)] = { shape: [batch, read.height, read.width], data: read.rows(members) };
  }
  for (const [layer, boxOf] of group.sums) {
    const input = plan.layers.get(layer)!.inputs[0]!;
    const outside = sums.get(input)!.meansOutside(members.map(boxOf));
    inputs[outsideName(layer)] = { shape: [batch, channelsOf(input), 1, 1], data: outside };
  }
  return inputs;
}
