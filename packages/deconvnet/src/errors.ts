import { ClearmapsError } from '@clearmaps/errors';

/** A LayerGraph that contradicts itself: wrong shapes, unknown inputs, impossible options. */
export class GraphError extends ClearmapsError {
  override readonly name = 'GraphError';
}

/** A layer that no one has taught clearmaps yet. */
export class UnsupportedLayerError extends ClearmapsError {
  override readonly name = 'UnsupportedLayerError';
}

/** An argument of explain that cannot be honoured: wrong input shape, NaN, class out of range. */
export class ExplainError extends ClearmapsError {
  override readonly name = 'ExplainError';
}

/** The active TensorFlow.js backend lacks a kernel that the graph needs. */
export class MissingKernelError extends ClearmapsError {
  override readonly name = 'MissingKernelError';
}
