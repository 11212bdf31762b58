import type { AxisGeometry, Conv2dLayer, GraphPlan, WindowGeometry } from '@clearmaps/deconvnet/graph';

/** What Conv, ConvTranspose and the pools are told of their windows. */
export function windowAttributes(geometry: WindowGeometry) {
  const { y, x } = geometry;
  return {
    kernel_shape: [y.kernel, x.kernel],
    strides: [y.stride, x.stride],
    dilations: [y.dilation, x.dilation],
    // ONNX order: top, left, bottom, right.
    pads: [y.padBefore, x.padBefore, y.padAfter, x.padAfter],
  };
}

/** The same for pools: the average pool of opset 13 knows no dilations. */
export function poolAttributes(geometry: WindowGeometry) {
  const { dilations: _, ...attributes } = windowAttributes(geometry);
  return attributes;
}

/** All that a Conv is told. */
export function convAttributes(plan: GraphPlan, layer: Conv2dLayer, geometry = plan.convGeometry(layer)) {
  return { ...windowAttributes(geometry), group: layer.groups ?? 1 };
}

/** The same of windows for the ConvTranspose that is the adjoint: its output has exactly the size that the windows lie on. */
export function adjointAttributes(geometry: WindowGeometry) {
  const { y, x } = geometry;
  return { ...windowAttributes(geometry), output_padding: [leftOver(y), leftOver(x)] };
}

/** Pixels after the last window. */
function leftOver({ input, output, kernel, stride, dilation, padBefore, padAfter }: AxisGeometry): number {
  return input + padBefore + padAfter - ((output - 1) * stride + dilation * (kernel - 1) + 1);
}

export function everyWindowFits({ y, x }: WindowGeometry): boolean {
  return [y, x].every(
    ({ input, output, kernel, stride, padBefore, padAfter }) =>
      kernel === stride && output * stride === input && padBefore + padAfter === 0,
  );
}
