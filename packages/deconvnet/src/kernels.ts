import { backend as activate, getBackend, getKernel } from '@tensorflow/tfjs-core';
import { MissingKernelError } from './errors.ts';
import type { LayerGraph, LayerType } from './layer-graph.ts';

/** TensorFlow.js kernels behind each layer type, forward and back. */
const KERNELS: Readonly<Record<LayerType, readonly string[]>> = {
  conv2d: ['FusedConv2D', 'Conv2D', 'PadV2', 'Reverse', 'Transpose', 'Slice'],
  relu: ['Relu', 'Step'],
  maxPool2d: ['MaxPool', 'Equal', 'Cast', 'PadV2', 'Slice', 'Sub', 'Relu'],
  averagePool2d: ['AvgPool', 'PadV2', 'Slice', 'Sign'],
  globalAveragePool2d: ['Mean', 'Fill'],
  dense: ['BatchMatMul', 'Transpose'],
  flatten: ['Reshape'],
  softmax: ['Softmax'],
  add: ['AddN', 'Add'],
  concat: ['Concat', 'Slice'],
  dropout: ['Identity'],
};

/** Kernels behind seeds, dominant maps and reductions, whatever the net. */
const ALWAYS = [
  'Transpose',
  'GatherV2',
  'Multiply',
  'Relu',
  'Reshape',
  'Max',
  'Sum',
  'Equal',
  'Greater',
  'Cast',
  'Sub',
  'Select',
  'Softmax',
];

/**
 * Looks every kernel up before anything runs, so that a lean backend fails with names and not half-way.
 *
 * @throws MissingKernelError naming the layer, the kernels and the backend.
 */
export function requireKernels(graph: LayerGraph): void {
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
  for (const layer of graph.layers) {
    const names = missing(KERNELS[layer.type]);
    if (names.length > 0) refuse(`layer "${layer.name}" (${layer.type})`, names);
  }
  const names = missing(ALWAYS);
  if (names.length > 0) refuse('dominant class maps', names);
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
