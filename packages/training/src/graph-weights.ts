import type { Conv2dLayer, Layer, LayerGraph, Weight } from '@clearmaps/deconvnet';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Weights and what is shaped like them, by `layer/role`: `conv_1/kernel`, `conv_1/bias`. */
export type ParameterMap<T> = ReadonlyMap<string, T>;

const ROLES = ['kernel', 'bias'] as const;

/** The weights of a graph by `layer/role`, in the order of its layers. */
export function weightsOf(graph: LayerGraph): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const layer of graph.layers) {
    for (const role of ROLES) {
      const weight = (layer as Partial<Conv2dLayer>)[role];
      if (weight !== undefined) weights.set(`${layer.name}/${role}`, weight);
    }
  }
  return weights;
}

/** The same graph with other weight values, by `layer/role`. */
export function graphWithWeights(graph: LayerGraph, values: ParameterMap<Float32Array>): LayerGraph {
  const layers = graph.layers.map((layer) => {
    const fresh = ROLES.flatMap((role) => {
      const weight = (layer as Partial<Conv2dLayer>)[role];
      return weight ? [[role, { shape: weight.shape, values: values.get(`${layer.name}/${role}`)! }]] : [];
    });
    return fresh.length === 0 ? layer : ({ ...layer, ...Object.fromEntries(fresh) } as Layer);
  });
  return { ...graph, layers };
}

/** Copies of the values of tensors, read back from the backend. */
export async function readValues(tensors: ParameterMap<Tensor>): Promise<Map<string, Float32Array>> {
  const entries = [...tensors].map(
    async ([key, value]) => [key, new Float32Array((await value.data()) as Float32Array)] as const,
  );
  return new Map(await Promise.all(entries));
}
