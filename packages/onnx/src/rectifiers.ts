import type { Rectifier } from '@clearmaps/deconvnet/graph';
import type { GraphBuilder } from './graph-builder.ts';
import { DATA_TYPE } from './onnx-proto.ts';

export function rectify(builder: GraphBuilder, layer: Rectifier, x: string): string {
  if (layer.type === 'relu6')
    return builder.op('Clip', [x, builder.floats([], [0]), builder.floats([], [6])]);
  return rectifyResponse(builder, layer, x);
}

/** What a rule that rectifies leaves of a response. A response has no scale of its own, so ReLU6 cuts none off. */
export function rectifyResponse(builder: GraphBuilder, layer: Rectifier, response: string): string {
  return layer.type === 'leakyRelu'
    ? builder.op('LeakyRelu', [response], { alpha: { float: layer.alpha } })
    : builder.op('Relu', [response]);
}

/** The slope of a rectifier where it gave `output`; at its kinks the smaller of both. */
export function slopeOf(builder: GraphBuilder, layer: Rectifier, output: string): string {
  // Sign would be one step, and three times as slow in onnxruntime.
  const positive = builder.op('Greater', [output, builder.floats([], [0])]);
  if (layer.type === 'leakyRelu') {
    return builder.op('Where', [positive, builder.floats([], [1]), builder.floats([], [layer.alpha])]);
  }
  const lets =
    layer.type === 'relu'
      ? positive
      : builder.op('And', [positive, builder.op('Less', [output, builder.floats([], [6])])]);
  return builder.op('Cast', [lets], { to: DATA_TYPE.float32 });
}
