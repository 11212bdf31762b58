import type { LayerGraph } from '../src/graph.ts';

/** Bytes that stay while `rows` classes are swept: weights, their flipped copies, the maps that are kept. */
export function heldBytes(net: LayerGraph, images: number, rows: number, responses = false): number {
  const kernels = net.layers.flatMap((layer) => ('kernel' in layer ? [layer.kernel.values.length] : []));
  const weights = 2 * kernels.reduce((a, b) => a + b, 0) + Math.max(...kernels);
  const [height, width, channels] = net.inputShape;
  // Dominant class, dominant response and which row leads.
  const kept = images * height * width * (3 + rows * (1 + (responses ? channels : 0)));
  return 4 * (weights + kept);
}
