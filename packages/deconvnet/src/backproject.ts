import {
  add,
  fill,
  matMul,
  mul,
  type Rank,
  reshape,
  slice,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { forAnotherOwner } from './another-owner.ts';
import { averagePoolBackward } from './average-pool.ts';
import { backThroughRelu } from './back-through-relu.ts';
import type { ForwardTrace } from './forward.ts';
import { INPUT, type Layer, type LayerType } from './layer-graph.ts';
import { unpool } from './pool-phases.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import { RULES, type Rule } from './rules.ts';
import { type Sweep, startSweep } from './sweep-start.ts';
import { transposedConv } from './transposed-conv.ts';

interface Back<L extends Layer> {
  readonly prepared: PreparedGraph;
  readonly trace: ForwardTrace;
  readonly rule: Rule;
  readonly layer: L;
  /** [n*B, h, w, c], class outermost; rank 1 as [n*B, 1, 1, c]. */
  readonly response: Tensor4D;
  /** Names of the ReLUs at which the response has arrived rectified: a convolution does that on the way. */
  readonly rectified: Set<string>;
}

/** The way back through each layer type: one response an input, in the order of `layer.inputs`. */
const BACKWARD: {
  [T in Exclude<LayerType, 'softmax'>]: (back: Back<Extract<Layer, { type: T }>>) => Tensor4D[];
} = {
  conv2d: ({ prepared, rule, layer, response, rectified }) => {
    const rectifies = RULES[rule].rectifies && prepared.takesReluAlone(layer);
    if (rectifies) rectified.add(layer.inputs[0]!);
    return [transposedConv(prepared.transposedConv(layer.name), response, rectifies ? 'relu' : 'linear')];
  },
  relu: ({ trace, rule, layer, response, rectified }) => {
    const { masks, rectifies } = RULES[rule];
    const left = { masks, rectifies: rectifies && !rectified.has(layer.name) };
    const mask = trace.reluMasks.get(layer.name);
    // The n groups of B images share the masks of the B images.
    const grouped = reshape(response, [-1, (trace.batch * response.size) / response.shape[0]]);
    return [reshape(backThroughRelu(left, grouped, mask && reshape(mask, [1, -1])), response.shape)];
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
  dropout: ({ response }) => [forAnotherOwner(response)],
  add: ({ layer, response }) => layer.inputs.map(() => forAnotherOwner(response)),
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
 * R(x|c) = G_1 U_1 ... U_{L-1} G_L^c z_L (CLEAR eq. 3) for all rows and all images of the trace in one batched
 * sweep.
 *
 * @returns [n*B, H, W, C], row outermost; the caller disposes it
 */
export function backproject(prepared: PreparedGraph, trace: ForwardTrace, sweep: Sweep): Tensor4D {
  return tidy(() => {
    const { layers } = prepared.graph;
    const first = startSweep(prepared, trace, sweep);
    const responses = new Map([[first.layer, first.response]]);
    const rectified = new Set(first.rectified ? [first.layer] : []);
    const start = layers.findIndex((layer) => layer.name === first.layer);
    const arrive = (name: string, response: Tensor4D): void => {
      const before = responses.get(name);
      responses.set(name, before === undefined ? response : add(before, response));
      if (before !== undefined) {
        before.dispose();
        response.dispose();
      }
    };
    for (let i = start; i >= 0; i--) {
      const layer = layers[i]!;
      const response = responses.get(layer.name);
      if (response === undefined) continue;
      responses.delete(layer.name);
      const back = { prepared, trace, rule: sweep.rule, layer, response, rectified };
      const arrived = tidy(() =>
        (BACKWARD[layer.type as 'conv2d'] as (back: Back<Layer>) => Tensor4D[])(back),
      );
      response.dispose();
      for (const [k, name] of layer.inputs.entries()) arrive(name, arrived[k]!);
    }
    return responses.get(INPUT)!;
  });
}
