import { type AsyncExplainOptions, type GraphPlan, weightBytes } from '@clearmaps/deconvnet/graph';
import { BAND_BYTES } from './convolve-by-products.ts';

/**
 * What a forward pass takes more in float64 than in float32: every weight that it reads, and at the widest layer what
 * goes in, comes out and is copied for it.
 */
export function doubleBytes(plan: GraphPlan, images: number, options: AsyncExplainOptions): number {
  const values = (name: string): number => plan.spatialShape(name).reduce((a, b) => a * b, 1);
  const widest = [...plan.layers.values()].reduce(
    (most, { type, name, inputs }) =>
      type === 'softmax'
        ? most
        : Math.max(
            most,
            [...inputs, name].reduce((sum, one) => sum + values(one), 0),
          ),
    0,
  );
  // One double has the size of the two forms in which float32 has each weight, forward and back.
  return weightBytes(plan, options) + images * (widest * Float64Array.BYTES_PER_ELEMENT + BAND_BYTES);
}
