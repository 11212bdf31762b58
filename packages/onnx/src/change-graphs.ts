import {
  type ChangePlan,
  type GraphPlan,
  INPUT,
  readKey,
  windowsOf,
  withoutPadding,
} from '@clearmaps/deconvnet/graph';
import { encode, giveScores, writeImage } from './engine-graphs.ts';
import { writeForward, writeLayer, writeScores } from './forward.ts';
import { GraphBuilder } from './graph-builder.ts';
import { Net } from './net.ts';

/** `values`: the changed windows, [n, height, width, C]. */
export const VALUES = 'values';
/** The unchanged map of a layer, as `tableOf` gives it. */
export const baseName = (layer: string): string => `base of ${layer}`;
/** Rows that a layer gathers of an input, int32 [n, h, w], by `readKey`. */
export const rowsName = (key: string): string => `rows of ${key}`;

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
 * Scores of variants of an image from what their windows change, one graph for windows of all sizes: the values, the
 * bases and the rows of every read in, `logits` and `probabilities` [n, N] out.
 */
export function compileChanges(plan: GraphPlan, changes: ChangePlan): Uint8Array {
  const net = new Net(plan, new GraphBuilder());
  const { builder } = net;
  const [, , channels] = plan.graph.inputShape;
  const image = builder.input(VALUES, 'float32', ['batch', 'height', 'width', channels], '');
  // Changed places, [n, C, h, w].
  const values = new Map([[INPUT, builder.op('Transpose', [image], { perm: [0, 3, 1, 2] })]]);
  const tables = new Map<string, string>();
  for (const name of changes.bases) {
    const [, , depth] = plan.spatialShape(name);
    builder.input(baseName(name), 'float32', [`table of ${name}`, depth], '');
  }
  const table = (name: string): string => {
    if (!tables.has(name)) {
      const [, , depth] = plan.spatialShape(name);
      const pixels =
        name === INPUT ? image : builder.op('Transpose', [values.get(name)!], { perm: [0, 2, 3, 1] });
      const rows = builder.reshape(pixels, [-1, depth]);
      tables.set(name, builder.op('Concat', [baseName(name), rows], { axis: 0 }));
    }
    return tables.get(name)!;
  };
  const gathered = (key: string, input: string): string => {
    const rows = builder.input(rowsName(key), 'int32', ['batch', `height ${key}`, `width ${key}`], '');
    const pixels = builder.op('Gather', [table(input), rows], { axis: 0 });
    return builder.op('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  };
  for (const { layer, gathers } of changes.steps) {
    const inputs = layer.inputs.map((name, at) =>
      gathers ? gathered(readKey(layer.name, at), name) : values.get(name)!,
    );
    const windows = gathers ? windowsOf(plan, layer) : undefined;
    // Rows of a padded map are changed where those of the map are: nothing to compute.
    const output =
      layer.type === 'zeroPadding2d'
        ? inputs[0]!
        : writeLayer(net, layer, inputs, windows && withoutPadding(windows));
    values.set(layer.name, output);
  }
  giveScores(net, writeScores(net, values));
  return encode(net);
}
