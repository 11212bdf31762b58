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
import { isPassedByRelevance } from './composite.ts';
import type { ForwardTrace } from './forward.ts';
import { GIVEN, type KernelPart } from './layer-rules.ts';
import type { PlanLayer, PlanLayerType } from './pool-last.ts';
import { unpool } from './pool-phases.ts';
import type { PreparedGraph } from './prepared-graph.ts';
import type { Rectifier } from './rectifiers.ts';
import { backThroughRectifier } from './rectify.ts';
import { relevanceThrough, timesEachImage } from './relevance.ts';
import type { RuleDefinition } from './rules.ts';
import type { Steps } from './steps.ts';
import { type Sweep, startSweep } from './sweep-start.ts';
import { transposedConv } from './transposed-conv.ts';

interface Back<L extends PlanLayer> {
  readonly prepared: PreparedGraph;
  readonly trace: ForwardTrace;
  readonly rule: RuleDefinition;
  readonly layer: L;
  /** The part of the kernel that a convolution or a dense layer goes back through. */
  readonly kernel: KernelPart;
  /** [n*B, h, w, c], class outermost; rank 1 as [n*B, 1, 1, c]. */
  readonly response: Tensor4D;
  /** Layers at whose outputs the responses are read. */
  readonly stops: ReadonlySet<string>;
  /** Names of the ReLUs at which the response has arrived rectified: a convolution does that on the way. */
  readonly rectified: Set<string>;
}

/** The way back through each layer type: one response an input, in the order of `layer.inputs`. */
const BACKWARD: {
  [T in Exclude<PlanLayerType, 'softmax'>]: (back: Back<Extract<PlanLayer, { type: T }>>) => Tensor4D[];
} = {
  conv2d: ({ prepared, rule, stops, layer, kernel, response, rectified }) => {
    const rectifies = rule.rectifies && prepared.takesReluAlone(layer) && !stops.has(layer.inputs[0]!);
    if (rectifies) rectified.add(layer.inputs[0]!);
    const conv = prepared.transposedConv(layer.name, kernel);
    return [transposedConv(conv, response, rectifies ? 'relu' : 'linear')];
  },
  affine: ({ prepared, layer, response }) => [mul(response, prepared.weight(layer.name, 'scale')!)],
  relu: (back) => [throughRectifier(back)],
  relu6: (back) => [throughRectifier(back)],
  leakyRelu: (back) => [throughRectifier(back)],
  meanGate: ({ trace, layer, response }) => {
    const [images, height, width, channels] = response.shape;
    const grouped = reshape(response, [images / trace.batch, trace.batch, height * width, channels]);
    const slope = reshape(trace.slopes.get(layer.name)!, [1, trace.batch, 1, channels]);
    return [reshape(mul(grouped, slope), response.shape)];
  },
  zeroPadding2d: ({ prepared, layer, response }) => {
    const [height, width, channels] = prepared.spatialShape(layer.inputs[0]!);
    const [[top], [left]] = layer.padding;
    return [slice(response, [0, top, left, 0], [response.shape[0], height, width, channels])];
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
  dense: ({ prepared, layer, kernel, response }) => {
    const images = response.shape[0];
    const rows = prepared.kernelRows(layer.name, kernel);
    return [reshape(matMul(reshape(response, [images, -1]) as Tensor2D, rows), [images, 1, 1, -1])];
  },
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

function throughRectifier({ trace, rule, layer, response, rectified }: Back<Rectifier>): Tensor4D {
  const { masks, rectifies } = rule;
  const left = { masks, rectifies: rectifies && !rectified.has(layer.name) };
  const slope = trace.slopes.get(layer.name);
  // The n groups of B images share the slopes of the B images.
  const grouped = reshape(response, [-1, (trace.batch * response.size) / response.shape[0]]);
  const passed = backThroughRectifier(layer, left, grouped, slope && reshape(slope, [1, -1]));
  return reshape(passed, response.shape);
}

/**
 * R(x|c) = G_1 U_1 ... U_{L-1} G_L^c z_L (CLEAR eq. 3) for all rows and all images of the trace in one batched
 * sweep, a step a layer, down to the image or to the output of another layer.
 *
 * @param wanted those of the sweep's stops that are wanted on the way
 * @returns [n*B, h, w, c], row outermost, there and at each of the wanted; the caller disposes them
 */
export function* backproject(
  prepared: PreparedGraph,
  trace: ForwardTrace,
  sweep: Sweep,
  wanted: readonly string[],
): Steps<{ response: Tensor4D; layers: Tensor4D[] }> {
  const { rule, at, stops } = sweep;
  const read = (name: string, response: Tensor4D): Tensor4D =>
    rule.timesValues ? timesEachImage(response, trace.kept.get(name)!) : forAnotherOwner(response);
  const layers = [...prepared.layers.values()];
  const first = tidy(() => startSweep(prepared, trace, sweep));
  const responses = new Map([[first.layer, first.response]]);
  const passed = new Map<string, Tensor4D>();
  const rectified = new Set(first.rectified ? [first.layer] : []);
  let arrived = false;
  try {
    yield;
    const start = layers.findIndex((layer) => layer.name === first.layer);
    const arrive = (name: string, response: Tensor4D): void => {
      const before = responses.get(name);
      responses.set(name, before === undefined ? response : add(before, response));
      if (before !== undefined) {
        before.dispose();
        response.dispose();
      }
    };
    for (let i = start; i >= 0 && layers[i]!.name !== at; i--) {
      const layer = layers[i]!;
      const response = responses.get(layer.name);
      if (response === undefined) continue;
      if (stops.has(layer.name)) passed.set(layer.name, read(layer.name, response));
      const through = (arriving: Tensor4D, kernel: KernelPart): Tensor4D[] =>
        (BACKWARD[layer.type as 'conv2d'] as (back: Back<PlanLayer>) => Tensor4D[])({
          prepared,
          trace,
          rule,
          stops,
          layer,
          kernel,
          response: arriving,
          rectified,
        });
      const fractions = trace.fractions.get(layer.name);
      const back = tidy(() => {
        if (fractions) {
          return relevanceThrough(fractions, (inverse) => timesEachImage(response, inverse), through);
        }
        return rule.composite && isPassedByRelevance(layer)
          ? [forAnotherOwner(response)]
          : through(response, GIVEN);
      });
      responses.delete(layer.name);
      response.dispose();
      for (const [k, name] of layer.inputs.entries()) arrive(name, back[k]!);
      yield;
    }
    const response = read(at, responses.get(at)!);
    arrived = true;
    return { response, layers: wanted.map((name) => passed.get(name)!) };
  } finally {
    for (const left of [...responses.values(), ...(arrived ? [] : passed.values())]) left.dispose();
  }
}
