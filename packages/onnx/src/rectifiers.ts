import type { Rectifier } from '@clearmaps/deconvnet/graph';
import type { Net } from './net.ts';
import type { FloatType } from './onnx-proto.ts';

export function rectify(net: Net, layer: Rectifier, x: string): string {
  const { builder } = net;
  if (layer.type !== 'relu6') return rectifyResponse(net, layer, x);
  // onnxruntime's fusion of a ReLU and a Clip fails at one of float64.
  return net.type === 'float64'
    ? builder.op('Min', [builder.op('Relu', [x]), net.numbers([], [6])])
    : builder.op('Clip', [x, net.numbers([], [0]), net.numbers([], [6])]);
}

/** What a rule that rectifies leaves of a response. A response has no scale of its own, so ReLU6 cuts none off. */
export function rectifyResponse(net: Net, layer: Rectifier, response: string): string {
  const { builder } = net;
  if (layer.type !== 'leakyRelu') return builder.op('Relu', [response]);
  // onnxruntime has no LeakyRelu of float64.
  return net.type === 'float64'
    ? builder.op('Max', [response, builder.op('Mul', [response, net.numbers([], [layer.alpha])])])
    : builder.op('LeakyRelu', [response], { alpha: { float: layer.alpha } });
}

/**
 * The slope of a rectifier where it gave `output`; at its kinks the smaller of both.
 *
 * @param output in the net's type
 * @param type that the slope is wanted in
 */
export function slopeOf(net: Net, layer: Rectifier, output: string, type: FloatType): string {
  const { builder } = net;
  // Sign would be one step, and three times as slow in onnxruntime.
  const positive = builder.op('Greater', [output, net.numbers([], [0])]);
  if (layer.type === 'leakyRelu') {
    const slopes = [1, layer.alpha].map((slope) => builder.floats([], [slope], type));
    return builder.op('Where', [positive, ...slopes]);
  }
  const lets =
    layer.type === 'relu'
      ? positive
      : builder.op('And', [positive, builder.op('Less', [output, net.numbers([], [6])])]);
  return builder.cast(lets, type);
}
