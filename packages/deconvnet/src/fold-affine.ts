import type { AffineLayer, Conv2dLayer, DenseLayer, Layer, LayerGraph } from './layer-graph.ts';

/**
 * An equal graph with fewer layers: an affine layer right after a convolution or a dense layer that nobody else
 * takes goes into that layer's kernel and bias (batch normalisation, Ioffe & Szegedy 2015, section 3.1, once trained).
 * Computed in float64 and rounded once. Affine layers that follow anything else stay as they are.
 *
 * @param graph one that `validateGraph` accepts
 */
export function foldAffine(graph: LayerGraph): LayerGraph {
  const uses = new Map<string, number>();
  for (const name of graph.layers.flatMap(({ inputs }) => inputs)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const layers = new Map<string, Layer>();
  /** Name of the layer that gives a folded layer's output. */
  const givers = new Map<string, string>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => givers.get(name) ?? name);
    const before = layers.get(inputs[0]!);
    const alone = uses.get(layer.inputs[0]!) === 1;
    if (layer.type === 'affine' && alone && (before?.type === 'conv2d' || before?.type === 'dense')) {
      layers.set(before.name, folded(before, layer));
      givers.set(layer.name, before.name);
    } else {
      layers.set(layer.name, { ...layer, inputs });
    }
  }
  return { ...graph, layers: [...layers.values()] };
}

function folded<L extends Conv2dLayer | DenseLayer>(layer: L, { scale, shift }: AffineLayer): L {
  const { kernel, bias } = layer;
  const channels = scale.values.length;
  return {
    ...layer,
    kernel: {
      shape: kernel.shape,
      // Output channels come last in both kinds of kernels.
      values: kernel.values.map((value, i) => value * scale.values[i % channels]!),
    },
    bias: {
      shape: [channels],
      values: scale.values.map((factor, c) => (bias?.values[c] ?? 0) * factor + (shift?.values[c] ?? 0)),
    },
  };
}
