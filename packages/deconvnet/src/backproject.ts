import {
  add,
  fill,
  gather,
  matMul,
  mul,
  type Rank,
  reshape,
  slice,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { averagePoolBackward } from './average-pool.ts';
import type { ForwardTrace } from './forward.ts';
import { INPUT, type Layer, type LayerType } from './layer-graph.ts';
import { unpool } from './pool-phases.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import { backThroughRelu, RULES, type Rule } from './rules.ts';
import { channelsOf, compactSeeds, type Seed, spreadSeeds } from './seeds.ts';
import { transposedConv } from './transposed-conv.ts';

/** One sweep: a rule, a seed and the classes whose responses travel together as the batch. */
export interface Sweep {
  readonly rule: Rule;
  readonly seed: Seed;
  /** Class indices; n of them. */
  readonly classes: readonly number[];
}

interface Back<L extends Layer> {
  readonly prepared: PreparedGraph;
  readonly trace: ForwardTrace;
  readonly rule: Rule;
  readonly layer: L;
  /** [n*B, h, w, c], class outermost; rank 1 as [n*B, 1, 1, c]. */
  readonly response: Tensor4D;
}

/** The way back through each layer type: one response an input, in the order of `layer.inputs`. */
const BACKWARD: {
  [T in Exclude<LayerType, 'softmax'>]: (back: Back<Extract<Layer, { type: T }>>) => Tensor4D[];
} = {
  conv2d: ({ prepared, layer, response }) => [transposedConv(prepared.transposedConv(layer.name), response)],
  relu: ({ trace, rule, layer, response }) => {
    const mask = trace.reluMasks.get(layer.name);
    // The n groups of B images share the masks of the B images.
    const grouped = reshape(response, [-1, (trace.batch * response.size) / response.shape[0]]);
    return [reshape(backThroughRelu(RULES[rule], grouped, mask && reshape(mask, [1, -1])), response.shape)];
  },
  maxPool2d: ({ prepared, trace, layer, response }) => [
    unpool(prepared.poolPhases(layer.name), response, trace.switches.get(layer.name)!),
  ],
  averagePool2d: ({ prepared, layer, response }) => [
    averagePoolBackward(prepared.poolPhases(layer.name), prepared.averagePoolBack(layer.name), response),
  ],
  globalAveragePool2d: ({ prepared, layer, response }) => {
    const [height, width] = prepared.spatialShape(layer.inputs[0]!);
    return [mul(response, fill<Rank.R4>([1, height, width, 1], 1 / (height * width)))];
  },
  dense: ({ prepared, layer, response }) => [
    reshape(matMul(reshape(response, [response.shape[0], -1]) as Tensor2D, prepared.kernelRows(layer.name)), [
      response.shape[0],
      1,
      1,
      -1,
    ]) as Tensor4D,
  ],
  flatten: ({ prepared, layer, response }) => [
    reshape(response, [response.shape[0], ...prepared.spatialShape(layer.inputs[0]!)]) as Tensor4D,
  ],
  dropout: ({ response }) => [response.clone()],
  add: ({ layer, response }) => layer.inputs.map(() => response.clone()),
  concat: ({ prepared, layer, response }) => {
    const [images, height, width] = response.shape;
    let begin = 0;
    return layer.inputs.map((name) => {
      const channels = prepared.spatialShape(name)[2];
      const part = slice(response, [0, 0, 0, begin], [images, height, width, channels]);
      begin += channels;
      return part;
    });
  },
};

/**
 * R(x|c) = G_1 U_1 ... U_{L-1} G_L^c z_L (CLEAR eq. 3) for all asked classes and all images of the trace in one
 * batched sweep.
 *
 * @returns [n*B, H, W, C], class outermost; the caller disposes it
 */
export function backproject(prepared: PreparedGraph, trace: ForwardTrace, sweep: Sweep): Tensor4D {
  return tidy(() => {
    const responses = new Map<string, Tensor4D>();
    const start = seedResponses(prepared, trace, sweep, responses);
    const arrive = (name: string, response: Tensor4D): void => {
      const before = responses.get(name);
      responses.set(name, before === undefined ? response : add(before, response));
      if (before !== undefined) {
        before.dispose();
        response.dispose();
      }
    };
    for (let i = start; i >= 0; i--) {
      const layer = prepared.graph.layers[i]!;
      const response = responses.get(layer.name);
      if (response === undefined) continue;
      responses.delete(layer.name);
      const back = { prepared, trace, rule: sweep.rule, layer, response };
      const arrived = tidy(() =>
        (BACKWARD[layer.type as 'conv2d'] as (back: Back<Layer>) => Tensor4D[])(back),
      );
      response.dispose();
      for (const [k, name] of layer.inputs.entries()) arrive(name, arrived[k]!);
    }
    return responses.get(INPUT)!;
  });
}

/**
 * Places the seeds and takes the first steps back while they still have one channel a class: through ReLUs and
 * through a last layer that is dense or 1x1, where the response of class c is its seed times its kernel row.
 *
 * @returns the position of the layer to go on from
 */
function seedResponses(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  { rule, seed, classes }: Sweep,
  responses: Map<string, Tensor4D>,
): number {
  const { graph, layers } = prepared;
  const [height, width, channels] = prepared.featureMap.shape;
  const images = classes.length * trace.batch;
  let compact = compactSeeds(trace.featureMap, seed, classes);
  let name = prepared.featureMap.layer;
  for (
    let layer = layers.get(name);
    layer?.type === 'relu' || layer?.type === 'dropout';
    layer = layers.get(name)
  ) {
    if (layer.type === 'relu') {
      const mask = trace.reluMasks.get(layer.name);
      const channelMask =
        mask && channelsOf(reshape(mask, [trace.batch, height, width, channels]) as Tensor4D, classes);
      compact = backThroughRelu(RULES[rule], compact, channelMask);
    }
    name = layer.inputs[0]!;
  }
  const layer = layers.get(name);
  const oneToOne =
    layer?.type === 'dense' ||
    (layer?.type === 'conv2d' &&
      [...layer.kernel.shape.slice(0, 2), ...layer.strides].every((size) => size === 1));
  if (oneToOne) {
    const rows = rowsOf(prepared.kernelRows(name), classes);
    const input = prepared.spatialShape(layer.inputs[0]!);
    responses.set(
      layer.inputs[0]!,
      reshape(mul(compact, rows), [images, height, width, input[2]]) as Tensor4D,
    );
    return graph.layers.indexOf(layer) - 1;
  }
  const oneHot = rowsOf(prepared.classIdentity(), classes);
  responses.set(name, spreadSeeds(compact, oneHot, [trace.batch, height, width, channels]));
  return graph.layers.findIndex((candidate) => candidate.name === name);
}

/** [N, c] to the rows of the asked classes, [n, 1, c]. */
function rowsOf(matrix: Tensor2D, classes: readonly number[]): Tensor {
  return reshape(gather(matrix, tensor1d(classes as number[], 'int32')), [classes.length, 1, -1]);
}
