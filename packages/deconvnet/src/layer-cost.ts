import type { Weight } from './layer-graph.ts';
import type { PlanLayer } from './pool-last.ts';
import type { Shape } from './validate-graph.ts';

/** What a layer holds and what it takes to run it forward on one image. */
export interface LayerCost {
  /** Numbers in its weights. */
  readonly parameters: number;
  /** Of a convolution or a dense layer, padding counted as if it were there; all else is memory traffic and counts 0. */
  readonly multiplyAdds: number;
}

/** @param output the shape of the layer's output, as `validateGraph` gives it */
export function layerCost(layer: PlanLayer, output: Shape): LayerCost {
  const weights = weightsOf(layer);
  const parameters = weights.reduce((sum, { values }) => sum + values.length, 0);
  if (layer.type !== 'conv2d' && layer.type !== 'dense') return { parameters, multiplyAdds: 0 };
  const places = output.slice(0, -1).reduce((a, b) => a * b, 1);
  // A kernel in groups has in / groups input channels already.
  return { parameters, multiplyAdds: places * layer.kernel.values.length };
}

function weightsOf(layer: PlanLayer): readonly Weight[] {
  if (layer.type === 'affine') return layer.shift ? [layer.scale, layer.shift] : [layer.scale];
  if (layer.type !== 'conv2d' && layer.type !== 'dense') return [];
  return layer.bias ? [layer.kernel, layer.bias] : [layer.kernel];
}
