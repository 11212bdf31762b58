import type { GraphPlan } from '@clearmaps/deconvnet/graph';
import { type Scores, writeForward, writeScores } from './forward.ts';
import { GraphBuilder } from './graph-builder.ts';
import { channelsFirst } from './image-layout.ts';
import { Net } from './net.ts';
import type { FloatType } from './onnx-proto.ts';
import type { SweepRows } from './sweep.ts';
import { switchPlaces } from './switches.ts';
import { FedTrace, type Trace, type TraceValue, WrittenTrace } from './trace.ts';
import { type SweepOutputs, writeSweep } from './write-sweep.ts';

/**
 * What a sweep's input says of its rows: their classes, `classes` int64 [n], or the members of groups, `groups`
 * float32 [n, N], 1 for each class that is in.
 */
export type RowKind = 'classes' | 'groups';

/**
 * The graphs of the native engine. Which rows a sweep takes is an input, so that one graph serves all of them. Where all fit in one sweep the graph holds forward pass and sweep; where they do not, two
 * graphs share the work, joined by the values of the trace.
 */
export interface SweepGraph {
  /** The rows and the trace in; `maps` [B, n, H, W] and where wanted `responses` [B, n, H, W, C] out. */
  readonly bytes: Uint8Array;
  /** The values of the trace that it takes, by name. */
  readonly trace: ReadonlyMap<string, TraceValue>;
}

/** What a graph gives of the k-th layer asked for: its responses [B, n, h, w, c]; of a pool the switches [B, h, w, c]. */
export const layerOutput = (k: number): string => `layer ${k}`;
export const switchesOutput = (k: number): string => `switches ${k}`;

export function compileSweep(
  plan: GraphPlan,
  count: number,
  outputs: SweepOutputs,
  kind: RowKind,
): SweepGraph {
  const net = new Net(plan, new GraphBuilder());
  const trace = new FedTrace(net);
  writeEngineSweep(net, trace, count, outputs, kind);
  return { bytes: encode(net), trace: trace.wanted };
}

/** `image` [B, H, W, C] and `classes` in; what {@link compileSweep} and {@link compileForward} give out. */
export function compileExplanation(
  plan: GraphPlan,
  type: FloatType,
  count: number,
  outputs: SweepOutputs,
): Uint8Array {
  const { net, values } = forward(plan, type);
  const trace = new WrittenTrace(net, values);
  writeEngineSweep(new Net(plan, net.builder), trace, count, outputs, 'classes');
  writeSwitches(net, trace, outputs.layers);
  return encode(net);
}

/** `image` [B, H, W, C] in; `logits` and `probabilities` [B, N], the wanted values of the trace and the switches out. */
export function compileForward(
  plan: GraphPlan,
  type: FloatType,
  wanted: SweepGraph['trace'],
  layers: readonly string[],
): Uint8Array {
  const { net, values } = forward(plan, type);
  const trace = new WrittenTrace(net, values);
  for (const [name, { shape, ask }] of wanted) {
    net.builder.output(ask(trace), { name, type: 'float32', shape: ['batch', ...shape], description: '' });
  }
  writeSwitches(net, trace, layers);
  return encode(net);
}

/** `image` [B, H, W, C] in; `logits` and `probabilities` [B, N] and `feature_map` [B, h, w, N] out. */
export function compilePrediction(plan: GraphPlan, type: FloatType): Uint8Array {
  const { net, values } = forward(plan, type);
  const [height, width, count] = plan.featureMap.shape;
  const featureMap = net.float32(values.get(plan.featureMap.layer)!);
  const map = net.builder.op('Transpose', [featureMap], { perm: [0, 2, 3, 1] });
  net.builder.output(map, {
    name: 'feature_map',
    type: 'float32',
    shape: ['batch', height, width, count],
    description: '',
  });
  return encode(net);
}

function forward(plan: GraphPlan, type: FloatType): { net: Net; values: ReadonlyMap<string, string> } {
  const net = new Net(plan, new GraphBuilder(), type);
  const values = writeForward(net, writeImage(net));
  giveScores(net, writeScores(net, values));
  return { net, values };
}

/** `image`, [B, H, W, C], as [B, C, H, W]. */
export function writeImage(net: Net): string {
  const shape = ['batch', ...net.plan.graph.inputShape];
  return channelsFirst(net, net.builder.input('image', 'float32', shape, ''));
}

export function giveScores({ builder, plan }: Net, scores: Scores): void {
  for (const [name, value] of Object.entries(scores)) {
    builder.output(value, { name, type: 'float32', shape: ['batch', plan.classCount], description: '' });
  }
}

function writeEngineSweep(net: Net, trace: Trace, count: number, outputs: SweepOutputs, kind: RowKind): void {
  const { builder, plan } = net;
  const [height, width, channels] = plan.spatialShape(outputs.at);
  const rows: SweepRows =
    kind === 'groups'
      ? { members: builder.input('groups', 'float32', [count, plan.classCount], ''), count }
      : { indices: builder.input('classes', 'int64', [count], ''), count, known: false };
  const { maps, responses, layers } = writeSweep(net, trace, rows, outputs);
  const give = (name: string, value: string, shape: readonly number[]): void =>
    builder.output(value, { name, type: 'float32', shape: ['batch', ...shape], description: '' });
  const channelsLast = (value: string): string => builder.op('Transpose', [value], { perm: [0, 1, 3, 4, 2] });
  give('maps', maps, [count, height, width]);
  if (responses) give('responses', channelsLast(responses), [count, height, width, channels]);
  for (const [k, passed] of layers.entries()) {
    give(layerOutput(k), channelsLast(passed), [count, ...plan.spatialShape(outputs.layers[k]!)]);
  }
}

/** Of the layers that are max pools. */
function writeSwitches(net: Net, trace: Trace, layers: readonly string[]): void {
  for (const [k, name] of layers.entries()) {
    const pool = net.layer(name);
    if (pool?.type !== 'maxPool2d') continue;
    const places = switchPlaces(net, pool, trace.switches(pool));
    net.builder.output(net.builder.op('Transpose', [places], { perm: [0, 2, 3, 1] }), {
      name: switchesOutput(k),
      type: 'float32',
      shape: ['batch', ...net.plan.spatialShape(name)],
      description: '',
    });
  }
}

export function encode({ builder, plan }: Net): Uint8Array {
  return builder.encode({ name: plan.graph.name, description: '', metadata: {} });
}
