import { backend as activate, getBackend, getKernel } from '@tensorflow/tfjs-core';
import { MissingKernelError } from './errors.ts';
import type { GraphPlan } from './graph-plan.ts';
import type { LayerGraph, LayerType } from './layer-graph.ts';
import type { PlanLayer } from './pool-last.ts';

/** TensorFlow.js kernels behind each layer type, forward and back, beyond those that every net needs. */
const KERNELS: Readonly<Record<LayerType, readonly string[]>> = {
  conv2d: ['FusedConv2D', 'FusedDepthwiseConv2D', 'BatchMatMul', 'PadV2', 'Reverse', 'Slice'],
  affine: [],
  relu: [],
  relu6: ['Relu6'],
  leakyRelu: ['LeakyRelu'],
  zeroPadding2d: ['PadV2', 'Slice'],
  maxPool2d: ['MaxPool', 'PadV2', 'Slice'],
  averagePool2d: ['AvgPool', 'PadV2', 'Slice', 'Sign'],
  globalAveragePool2d: ['Mean', 'Fill'],
  dense: ['BatchMatMul'],
  flatten: [],
  softmax: [],
  add: [],
  concat: ['Slice'],
  dropout: [],
};

export function kernelsOf(layer: PlanLayer): readonly string[] {
  return layer.type === 'meanGate' ? ['Mean', ...KERNELS[layer.rectifier.type]] : KERNELS[layer.type];
}

/** Kernels behind seeds, rules, dominant maps and reductions, whatever the net. */
export const ALWAYS: readonly string[] = [
  'Abs',
  'Add',
  'AddN',
  'Cast',
  'Concat',
  'Equal',
  'GatherV2',
  'Greater',
  'Identity',
  'Max',
  'Multiply',
  'Neg',
  'RealDiv',
  'Relu',
  'Reshape',
  'Select',
  'Softmax',
  'Sqrt',
  'Square',
  'Step',
  'Sub',
  'Sum',
  'Transpose',
];

/**
 * Looks every kernel up before anything runs, so that a lean backend fails with names and not half-way.
 *
 * @throws MissingKernelError naming the layer, the kernels and the backend.
 */
export function requireKernels({ graph, layers }: GraphPlan): void {
  const backend = activeBackend(graph);
  const missing = (names: readonly string[]): string[] =>
    names.filter((name) => getKernel(name, backend) == null);
  const refuse = (asked: string, names: string[]): never => {
    throw new MissingKernelError({
      asked,
      got: `backend "${backend}" without ${names.join(', ')}`,
      remedy: 'Choose another backend, or register the missing kernels.',
    });
  };
  for (const layer of layers.values()) {
    const names = missing(kernelsOf(layer));
    if (names.length > 0) refuse(`layer "${layer.name}" (${layer.type})`, names);
  }
  const names = missing(ALWAYS);
  if (names.length > 0) refuse('explaining any net', names);
}

/** The backend in use; where none is yet, tfjs picks among those that start at once. */
function activeBackend(graph: LayerGraph): string {
  try {
    activate();
  } catch (cause) {
    throw new MissingKernelError({
      asked: `an explainer for "${graph.name}"`,
      got: 'no TensorFlow.js backend that is ready',
      remedy: 'Import one (for example @tensorflow/tfjs-backend-wasm) and await tf.setBackend(...) first.',
      cause,
    });
  }
  return getBackend();
}
