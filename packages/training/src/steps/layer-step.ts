import type { Layer, Shape } from '@clearmaps/deconvnet';
import type { Holding, WindowGeometry } from '@clearmaps/deconvnet/layers';
import type { Random } from '@clearmaps/random';
import type { Tensor } from '@tensorflow/tfjs-core';

/** What a layer's steps may ask of the net they belong to. */
export interface StepContext {
  /** A weight by its role, `kernel` or `bias`; undefined where the layer has none. Owned by the net. */
  parameter(layer: Layer, role: string): Tensor | undefined;
  /** Output shape of a layer, without the batch. */
  shape(name: string): Shape;
  /** Windows of a convolution or a pool over its input. */
  geometry(layer: Layer): WindowGeometry;
  /** Whether a layer's output comes from something that learns. */
  needsGradient(name: string): boolean;
  /** Whether a layer's own weights learn: it is not frozen. */
  learns(layer: Layer): boolean;
  /** Whether the ReLU after this convolution runs in the same op. */
  fusesRelu(layer: Layer): boolean;
  /** Tensors made once and kept for the life of the net. */
  keep<T>(key: string, make: () => Holding<T>): T;
}

/** One training pass through a layer; in evaluation there is none. */
export interface TrainingPass {
  /** A stream of this layer and an image of the batch, from 0: the same however a step is cut among workers. */
  randomOf(image: number): Random;
  /** Keeps a tensor for the way back. */
  save(tensor: Tensor): void;
}

export interface Flow {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** Of the loss with respect to the output, in its shape. */
  readonly gradient: Tensor;
  /** What the forward pass saved. */
  readonly saved: readonly Tensor[];
}

export interface Gradients {
  /** One an input, in the order of `layer.inputs`; undefined where no one needs it. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** By role. */
  readonly parameters?: Readonly<Record<string, Tensor>>;
}

/**
 * A layer type in training: the way forward and the way back. Both run inside a `tidy`; what they return lives on.
 * A new type is one row in layer-steps.ts.
 */
export interface LayerStep<L extends Layer> {
  forward(context: StepContext, layer: L, inputs: readonly Tensor[], pass?: TrainingPass): Tensor;
  backward(context: StepContext, layer: L, flow: Flow): Gradients;
}
