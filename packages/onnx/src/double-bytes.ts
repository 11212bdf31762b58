import { type AsyncExplainOptions, type GraphPlan, weightBytes } from '@clearmaps/deconvnet/graph';
import { copiedBytes } from './convolve-by-products.ts';

/**
 * What a forward pass takes more in float64 than in float32: every weight that it reads, and at the layer that takes
 * most what goes in, what comes out, and what a convolution copies.
 */
export function doubleBytes(plan: GraphPlan, images: number, options: AsyncExplainOptions): number {
  const bytes = (name: string): number =>
    plan.spatialShape(name).reduce((a, b) => a * b, Float64Array.BYTES_PER_ELEMENT);
  const layers = [...plan.layers.values()].filter(({ type }) => type !== 'softmax');
  const most = layers.reduce((largest, layer) => {
    const copied = layer.type === 'conv2d' ? copiedBytes(plan, layer) : 0;
    return Math.max(
      largest,
      [layer.name, ...layer.inputs].reduce((sum, name) => sum + bytes(name), copied),
    );
  }, 0);
  // One double has the size of the two forms in which float32 has each weight, forward and back.
  return weightBytes(plan, options) + images * most;
}
