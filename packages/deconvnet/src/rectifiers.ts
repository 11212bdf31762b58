import type { Layer, LeakyReluLayer, Relu6Layer, ReluLayer } from './layer-graph.ts';

/** The layers at which rules differ. */
export type Rectifier = ReluLayer | Relu6Layer | LeakyReluLayer;

export function isRectifier<L extends Layer | { readonly type: 'meanGate' }>(
  layer: L | undefined,
): layer is Extract<L, Rectifier> {
  return layer?.type === 'relu' || layer?.type === 'relu6' || layer?.type === 'leakyRelu';
}
