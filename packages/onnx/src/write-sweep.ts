import { definitionOf, INPUT, type Reduction } from '@clearmaps/deconvnet/graph';
import { writeBackward } from './backward.ts';
import type { Net } from './net.ts';
import { Sweep, type SweepOptions, type SweepRows } from './sweep.ts';
import type { Trace } from './trace.ts';

export interface SweepOutputs extends SweepOptions {
  readonly reduction: Reduction;
  /** Whether R(x|c) is wanted with its channels. */
  readonly responses: boolean;
}

/** What one sweep gives of its n rows. */
export interface SweptMaps {
  /** [B, n, H, W]. */
  readonly maps: string;
  /** [B, n, C, H, W]. */
  readonly responses?: string;
  /** [B, n, c, h, w] of each layer wanted on the way. */
  readonly layers: readonly string[];
}

/** Writes a sweep and what is made of its responses into the graph. */
export function writeSweep(
  net: Net,
  trace: Trace,
  rows: SweepRows,
  { rule, seed, at, layers, reduction, responses }: SweepOutputs,
): SweptMaps {
  const { builder, plan } = net;
  const [height, width, channels] = plan.spatialShape(at);
  const { composite, timesValues } = definitionOf(rule);
  const onlyConvolutions = plan.consumers.get(INPUT)!.every((name) => net.layer(name)!.type === 'conv2d');
  // What is multiplied by the image has to have its channels.
  const linear = composite === undefined && !timesValues;
  const sumsImage = at === INPUT && reduction === 'sum' && !responses && onlyConvolutions && linear;
  const sweep = new Sweep(net, trace, { rule, seed, at, layers }, rows, sumsImage);
  const { response, layers: passed } = writeBackward(sweep);
  const one = channels === 1 || sumsImage;
  const reduced = one && reduction !== 'l2' ? response : reduceChannels(net, response, reduction);
  const ofLayer = (value: string, name: string): string => {
    const [h, w, c] = plan.spatialShape(name);
    return builder.reshape(value, [-1, rows.count, c, h, w]);
  };
  return {
    layers: passed.map((value, k) => ofLayer(value, layers[k]!)),
    maps: builder.reshape(reduced, [-1, rows.count, height, width]),
    ...(responses && {
      responses: builder.reshape(response, [-1, rows.count, channels, height, width]),
    }),
  };
}

function reduceChannels({ builder }: Net, response: string, reduction: Reduction): string {
  if (reduction === 'sum') return builder.op('ReduceSum', [response, builder.ints([1])], { keepdims: 0 });
  const type = reduction === 'max' ? 'ReduceMax' : 'ReduceL2';
  return builder.op(type, [response], { axes: [1], keepdims: 0 });
}
