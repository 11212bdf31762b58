import { findFeatureMap, type LayerGraph, validateGraph } from '@clearmaps/deconvnet/graph';
import { mnistNet, svhnNet, vggNet } from '@clearmaps/models';
import { loadModel } from '../model-source.ts';

/**
 * The nets of the paper's appendix with untrained weights. What a net has learnt changes the time of nothing: every
 * engine multiplies zeros like any number. The one exception is taken care of by {@link heard}.
 */
const PAPER_NETS: Readonly<Record<string, { readonly title: string; make(): LayerGraph }>> = {
  table2: { title: 'Table 2 (MNIST)', make: mnistNet },
  table3: { title: 'Table 3 (SVHN)', make: svhnNet },
  table4: { title: 'Table 4 (Stanford Dogs, VGG16)', make: vggNet },
};

export const PAPER_NET_NAMES: readonly string[] = Object.keys(PAPER_NETS);

export interface BenchNet {
  /** As the command line calls it. */
  readonly name: string;
  readonly title: string;
  readonly graph: LayerGraph;
}

export function paperNet(name: string): BenchNet {
  const { title, make } = PAPER_NETS[name]!;
  return { name, title, graph: heard(make()) };
}

/** @throws ModelFileError */
export async function modelNet(source: string): Promise<BenchNet> {
  return { name: source, title: source, graph: heard(await loadModel(source)) };
}

/** Far above what a class score is. */
const LOUD = 1e4;

/**
 * The net with the last biases raised. The native engine goes no way back for a class whose seed is zero everywhere,
 * half the classes of an untrained net: here all have one that is not.
 */
function heard(graph: LayerGraph): LayerGraph {
  const layers = new Map(graph.layers.map((layer) => [layer.name, layer]));
  let last = layers.get(findFeatureMap(graph, validateGraph(graph)).layer);
  while (last?.type === 'relu' || last?.type === 'dropout') last = layers.get(last.inputs[0]!);
  if (last?.type !== 'conv2d' && last?.type !== 'dense') return graph;
  const count = last.kernel.shape.at(-1)!;
  const values = Float32Array.from({ length: count }, (_, c) => (last.bias?.values[c] ?? 0) + LOUD);
  const loud = { ...last, bias: { shape: [count], values } };
  return { ...graph, layers: graph.layers.map((layer) => (layer === last ? loud : layer)) };
}
