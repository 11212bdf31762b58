import {
  GIVEN,
  isPassedByRelevance,
  isRectifier,
  type KernelPart,
  type PlanLayer,
  type PlanLayerType,
  type Rectifier,
} from '@clearmaps/deconvnet/graph';
import { averagePoolBackward } from './average-pool.ts';
import { rectifyResponse } from './rectifiers.ts';
import { relevanceThrough } from './relevance.ts';
import type { Sweep } from './sweep.ts';
import { writeSweepStart } from './sweep-start.ts';
import { unpool } from './switches.ts';
import { transposedConv } from './transposed-conv.ts';
import { everyWindowFits } from './window-attributes.ts';

/** The way back through each layer type: one response an input, in the order of `layer.inputs`. */
const BACKWARD: {
  [T in Exclude<PlanLayerType, 'softmax'>]: (
    sweep: Sweep,
    layer: Extract<PlanLayer, { type: T }>,
    response: string,
    kernel: KernelPart,
  ) => string[];
} = {
  conv2d: (sweep, layer, response, kernel) => [transposedConv(sweep, layer, response, kernel)],
  affine: ({ net }, { scale }, response) => [net.builder.op('Mul', [response, net.perChannel(scale)])],
  relu: throughRectifier,
  relu6: throughRectifier,
  leakyRelu: throughRectifier,
  meanGate: ({ net: { plan, builder }, group, trace }, layer, response) => {
    const [height, width, channels] = plan.spatialShape(layer.name);
    const product = builder.op('Mul', [
      builder.reshape(response, [-1, group, channels, height * width]),
      builder.reshape(trace.slope(layer), [-1, 1, channels, 1]),
    ]);
    return [builder.reshape(product, [-1, channels, height, width])];
  },
  zeroPadding2d: ({ net: { plan, builder } }, { inputs, padding }, response) => {
    const [height, width] = plan.spatialShape(inputs[0]!);
    const [[top], [left]] = padding;
    const rows = builder.slice(response, 2, top, top + height);
    return [builder.slice(rows, 3, left, left + width)];
  },
  maxPool2d: (sweep, layer, response) => {
    const { plan } = sweep.net;
    const below = sweep.net.layer(layer.inputs[0]!);
    const alone = plan.consumers.get(layer.inputs[0]!)!.length === 1;
    if (
      !isRectifier(below) ||
      !alone ||
      sweep.stops.has(below.name) ||
      !everyWindowFits(plan.poolGeometry(layer))
    ) {
      return [unpool(sweep, layer, response, sweep.trace.switches(layer))];
    }
    // Where no windows meet, the ReLU before the pool may as well act on the windows: a quarter of the pixels.
    sweep.settled.add(below.name);
    const { rectifies, masks } = sweep.rule;
    const kept = rectifies ? rectifyResponse(sweep.net, below, response) : response;
    return [unpool(sweep, layer, kept, sweep.trace.switches(layer, masks ? below : undefined))];
  },
  averagePool2d: (sweep, layer, response) => [averagePoolBackward(sweep.net, layer, response)],
  globalAveragePool2d: ({ net: { plan, builder } }, layer, response) => {
    const [height, width] = plan.spatialShape(layer.inputs[0]!);
    const share = Array<number>(height * width).fill(1 / (height * width));
    return [builder.op('Mul', [response, builder.floats([1, 1, height, width], share)])];
  },
  dense: ({ net }, layer, response, kernel) => {
    const [channelsIn, channelsOut] = layer.kernel.shape as [number, number];
    const rows = net.builder.reshape(response, [-1, channelsOut]);
    const product = net.builder.op('Gemm', [rows, net.kernel(layer, kernel)], { transB: 1 });
    return [net.builder.reshape(product, [-1, channelsIn, 1, 1])];
  },
  flatten: ({ net: { plan, builder } }, layer, response) => {
    const [height, width, channels] = plan.spatialShape(layer.inputs[0]!);
    if (height * width === 1 || channels === 1) {
      return [builder.reshape(response, [-1, channels, height, width])];
    }
    const byPixel = builder.reshape(response, [-1, height, width, channels]);
    return [builder.op('Transpose', [byPixel], { perm: [0, 3, 1, 2] })];
  },
  dropout: (_sweep, _layer, response) => [response],
  add: (_sweep, layer, response) => layer.inputs.map(() => response),
  concat: ({ net: { plan, builder } }, layer, response) => {
    let begin = 0;
    return layer.inputs.map((name) => {
      const end = begin + plan.spatialShape(name)[2];
      const part = builder.slice(response, 1, begin, end);
      begin = end;
      return part;
    });
  },
};

function throughRectifier(sweep: Sweep, layer: Rectifier, response: string): string[] {
  if (sweep.settled.has(layer.name)) return [response];
  const { rectifies, masks } = sweep.rule;
  const kept = rectifies ? rectifyResponse(sweep.net, layer, response) : response;
  if (!masks) return [kept];
  return [sweep.timesOutput(kept, sweep.trace.slope(layer), layer.name)];
}

/** One layer's way back. */
function back(sweep: Sweep, layer: PlanLayer, response: string): readonly string[] {
  type Back = (sweep: Sweep, layer: PlanLayer, response: string, kernel: KernelPart) => string[];
  const through = (arriving: string, kernel: KernelPart) =>
    (BACKWARD[layer.type as 'relu'] as Back)(sweep, layer, arriving, kernel);
  if (sweep.shares.has(layer.name)) {
    const divide = (inverse: string) => sweep.timesOutput(response, inverse, layer.name);
    return relevanceThrough(sweep, layer, divide, through);
  }
  return sweep.rule.composite && isPassedByRelevance(layer) ? [response] : through(response, GIVEN);
}

/**
 * Writes R(x|c) = G_1 U_1 ... U_{L-1} G_L^c z_L (CLEAR eq. 3) into the graph, for the rows of one sweep, down to
 * the image or to the output of another layer.
 *
 * @returns [B*g, C, H, W] there, or [B*g, 1, H, W] where the sweep sums the channels of the image; and [B*g, c, h, w]
 *   at each layer that is wanted on the way
 */
export function writeBackward(sweep: Sweep): { response: string; layers: string[] } {
  const { plan, builder } = sweep.net;
  const { at, layers: wanted } = sweep.options;
  const passed = new Map<string, string>();
  const read = (name: string, response: string): string =>
    sweep.rule.timesValues ? sweep.timesOutput(response, sweep.trace.output(name), name) : response;
  const layers = [...plan.layers.values()];
  const first = writeSweepStart(sweep);
  const arrived = new Map([[first.layer, [first.response]]]);
  const start = layers.findIndex((layer) => layer.name === first.layer);
  for (let i = start; i >= 0 && layers[i]!.name !== at; i--) {
    const layer = layers[i]!;
    const responses = arrived.get(layer.name);
    if (responses === undefined) continue;
    const response = responses.length === 1 ? responses[0]! : builder.op('Sum', responses);
    if (sweep.stops.has(layer.name)) passed.set(layer.name, read(layer.name, response));
    const parts = back(sweep, layer, response);
    for (const [k, name] of layer.inputs.entries()) {
      arrived.set(name, [...(arrived.get(name) ?? []), parts[k]!]);
    }
  }
  const ended = arrived.get(at)!;
  const response = ended.length === 1 ? ended[0]! : builder.op('Sum', ended);
  return { response: read(at, response), layers: wanted.map((name) => passed.get(name)!) };
}
