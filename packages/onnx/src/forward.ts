import {
  type Conv2dLayer,
  type DenseLayer,
  GIVEN,
  INPUT,
  type KernelPart,
  type PlanLayer,
  type PlanLayerType,
  type SoftmaxLayer,
  type WindowGeometry,
} from '@clearmaps/deconvnet/graph';
import { averagePool } from './average-pool.ts';
import { convolveByProducts } from './convolve-by-products.ts';
import { globalMean } from './global-mean.ts';
import { meanGate } from './mean-gate.ts';
import type { Net } from './net.ts';
import { rectify } from './rectifiers.ts';
import { convAttributes, poolAttributes } from './window-attributes.ts';

export interface Scores {
  /** [B, N], before the softmax. */
  readonly logits: string;
  /** [B, N]. */
  readonly probabilities: string;
}

/** @param geometry of a layer with windows, in nets of float32; default where these lie on whole maps */
type Run<L extends PlanLayer> = (
  net: Net,
  layer: L,
  inputs: readonly string[],
  geometry?: WindowGeometry,
) => string;

/** What each layer type is in ONNX. Values are [B, C, h, w]; those of rank 1 are [B, C, 1, 1]. */
const FORWARD: { [T in Exclude<PlanLayerType, 'softmax'>]: Run<Extract<PlanLayer, { type: T }>> } = {
  conv2d: (net, layer, [x], geometry) => runLinear(net, layer, x!, GIVEN, true, geometry),
  affine: (net, { scale, shift }, [x]) => {
    const scaled = net.builder.op('Mul', [x!, net.perChannel(scale)]);
    return shift ? net.builder.op('Add', [scaled, net.perChannel(shift)]) : scaled;
  },
  relu: (net, layer, [x]) => rectify(net, layer, x!),
  relu6: (net, layer, [x]) => rectify(net, layer, x!),
  leakyRelu: (net, layer, [x]) => rectify(net, layer, x!),
  meanGate: (net, layer, [x]) => meanGate(net, layer, x!).output,
  zeroPadding2d: ({ plan, builder }, { name, inputs, padding: [rows, columns] }, [x]) => {
    const [height, width] = plan.spatialShape(inputs[0]!);
    const [tall, wide, channels] = plan.spatialShape(name);
    const pads = builder.ints([0, rows[0], columns[0], 0, rows[1], columns[1]]);
    // As planes, out of reach of onnxruntime's Pad fusion: it makes a pool ignore zeros that may be its maximum.
    const padded = builder.op('Pad', [builder.reshape(x!, [-1, height, width]), pads]);
    return builder.reshape(padded, [-1, channels, tall, wide]);
  },
  maxPool2d: (net, layer, [x], geometry) =>
    net.builder.op('MaxPool', [x!], poolAttributes(geometry ?? net.plan.poolGeometry(layer))),
  averagePool2d: (net, layer, [x], geometry) => averagePool(net, layer, x!, geometry),
  globalAveragePool2d: (net, _layer, [x]) => globalMean(net, x!),
  dense: (net, layer, [x]) => runLinear(net, layer, x!, GIVEN, true),
  flatten: (net, layer, [x]) => {
    const [height, width, channels] = net.plan.spatialShape(layer.inputs[0]!);
    const moves = height * width > 1 && channels > 1;
    const byPixel = moves ? net.builder.op('Transpose', [x!], { perm: [0, 2, 3, 1] }) : x!;
    return net.builder.reshape(byPixel, [-1, height * width * channels, 1, 1]);
  },
  add: (net, _layer, inputs) => net.builder.op('Sum', inputs),
  concat: (net, _layer, inputs) => net.builder.op('Concat', inputs, { axis: 1 }),
  dropout: (_net, _layer, [x]) => x!,
};

/**
 * A convolution or a dense layer, with a part of its kernel.
 *
 * @param withBias whether the same part of the bias is added
 * @param geometry of a convolution, in nets of float32; default where its windows lie on whole maps
 */
export function runLinear(
  net: Net,
  layer: Conv2dLayer | DenseLayer,
  x: string,
  part: KernelPart,
  withBias: boolean,
  geometry?: WindowGeometry,
): string {
  const { builder } = net;
  const kernel = net.kernel(layer, part);
  const bias = withBias ? net.bias(layer, part) : undefined;
  const weights = bias === undefined ? [kernel] : [kernel, bias];
  if (layer.type === 'conv2d') {
    if (net.type === 'float64') return convolveByProducts(net, layer, x, kernel, bias);
    return builder.op('Conv', [x, ...weights], convAttributes(net.plan, layer, geometry));
  }
  const [channelsIn, channelsOut] = layer.kernel.shape as [number, number];
  const product = builder.op('Gemm', [builder.reshape(x, [-1, channelsIn]), ...weights]);
  return builder.reshape(product, [-1, channelsOut, 1, 1]);
}

/** @param geometry of a layer with windows, in nets of float32; default where these lie on whole maps */
export function writeLayer(
  net: Net,
  layer: Exclude<PlanLayer, SoftmaxLayer>,
  inputs: readonly string[],
  geometry?: WindowGeometry,
): string {
  return (FORWARD[layer.type] as Run<PlanLayer>)(net, layer, inputs, geometry);
}

/** Writes the forward pass into the graph. @param image [B, C, H, W] @returns the layers' values by name */
export function writeForward(net: Net, image: string): ReadonlyMap<string, string> {
  const values = new Map([[INPUT, net.typed(image)]]);
  for (const layer of net.plan.layers.values()) {
    if (layer.type === 'softmax') continue;
    const inputs = layer.inputs.map((name) => values.get(name)!);
    values.set(layer.name, writeLayer(net, layer, inputs));
  }
  return values;
}

export function writeScores(net: Net, values: ReadonlyMap<string, string>): Scores {
  const { plan, builder } = net;
  const logits = builder.reshape(values.get(plan.featureMap.logits)!, [-1, plan.classCount]);
  const probabilities = builder.op('Softmax', [logits], { axis: 1 });
  return { logits: net.float32(logits), probabilities: net.float32(probabilities) };
}
