/** A weight tensor as plain data: row-major values and their shape. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export type Pair = readonly [number, number];
/** Rows and columns round an image, [[top, bottom], [left, right]]: whole numbers from 0. */
export type Border = readonly [Pair, Pair];
/**
 * TensorFlow's padding rules, or a border in numbers. 'same' is asymmetric where the total is odd (the extra row
 * goes below and right). A convolution reads zeros there; a pool reads nothing: padding never is the maximum and
 * is not counted in a mean.
 */
export type Padding = 'same' | 'valid' | Border;

interface LayerBase {
  /** Unique in the graph. */
  readonly name: string;
  /** Names of the layers whose outputs this one takes; the graph's own input is called `input`. */
  readonly inputs: readonly string[];
}

/**
 * Convolution (really cross-correlation), NHWC. kernel: [kh, kw, in / groups, out] (HWIO), bias: [out].
 *
 * With groups, output channel o reads the input channels of group floor(o / (out / groups)) only, as in ONNX and
 * PyTorch. Depthwise is groups = in: Keras' [kh, kw, in, m] is read as [kh, kw, 1, in * m].
 */
export interface Conv2dLayer extends LayerBase {
  readonly type: 'conv2d';
  readonly kernel: Weight;
  readonly bias?: Weight;
  readonly strides: Pair;
  readonly padding: Padding;
  /** Default [1, 1]. */
  readonly dilations?: Pair;
  /** Divides both numbers of channels. Default 1. */
  readonly groups?: number;
}

/** x * scale + shift in every channel of the last axis, [C] each: batch normalisation when a trained net is explained. */
export interface AffineLayer extends LayerBase {
  readonly type: 'affine';
  readonly scale: Weight;
  readonly shift?: Weight;
}

/** max(x, 0). */
export interface ReluLayer extends LayerBase {
  readonly type: 'relu';
}

/** min(max(x, 0), 6). */
export interface Relu6Layer extends LayerBase {
  readonly type: 'relu6';
}

/** x where x > 0, else alpha * x; 0 <= alpha < 1. */
export interface LeakyReluLayer extends LayerBase {
  readonly type: 'leakyRelu';
  readonly alpha: number;
}

/** Zeros round [H, W, C]. */
export interface ZeroPaddingLayer extends LayerBase {
  readonly type: 'zeroPadding2d';
  readonly padding: Border;
}

interface PoolLayerBase extends LayerBase {
  readonly poolSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

export interface MaxPoolLayer extends PoolLayerBase {
  readonly type: 'maxPool2d';
}

export interface AveragePoolLayer extends PoolLayerBase {
  readonly type: 'averagePool2d';
}

export type PoolLayer = MaxPoolLayer | AveragePoolLayer;

/** [H, W, C] to [C], the spatial mean. */
export interface GlobalAveragePoolLayer extends LayerBase {
  readonly type: 'globalAveragePool2d';
}

/** kernel: [in, out], bias: [out]; input and output have rank 1. */
export interface DenseLayer extends LayerBase {
  readonly type: 'dense';
  readonly kernel: Weight;
  readonly bias?: Weight;
}

/** [H, W, C] to [H*W*C], row-major. */
export interface FlattenLayer extends LayerBase {
  readonly type: 'flatten';
}

/** Over the last axis; allowed only as the last layer. */
export interface SoftmaxLayer extends LayerBase {
  readonly type: 'softmax';
}

/** Elementwise sum of two or more inputs of one shape. */
export interface AddLayer extends LayerBase {
  readonly type: 'add';
}

/** Channel concatenation of two or more inputs. */
export interface ConcatLayer extends LayerBase {
  readonly type: 'concat';
}

/** Identity when a trained net is explained; `rate` matters to training only. */
export interface DropoutLayer extends LayerBase {
  readonly type: 'dropout';
  readonly rate: number;
}

export type Layer =
  | Conv2dLayer
  | AffineLayer
  | ReluLayer
  | Relu6Layer
  | LeakyReluLayer
  | ZeroPaddingLayer
  | MaxPoolLayer
  | AveragePoolLayer
  | GlobalAveragePoolLayer
  | DenseLayer
  | FlattenLayer
  | SoftmaxLayer
  | AddLayer
  | ConcatLayer
  | DropoutLayer;

export type LayerType = Layer['type'];

/** How picture bytes become network input: `value = (byte * scale - mean[c]) / std[c]`. */
export interface Preprocessing {
  readonly channels: 'gray' | 'rgb' | 'bgr';
  /** Multiplies the byte, 0..255, before the mean is taken off. */
  readonly scale: number;
  /** One a channel, in the order of `channels`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** 'stretch' to the input size, or scale the short side to `shortSide` and cut the centre. */
  readonly resize: 'stretch' | 'centerCrop';
  /** Pixels; for 'centerCrop' only. */
  readonly shortSide?: number;
}

/**
 * A classifier as plain data: the one seam between model adapters, engines and tests.
 * Nothing in it belongs to a backend, so it can be cloned, posted to a worker or written to a file.
 */
export interface LayerGraph {
  readonly name: string;
  /** [H, W, C] of one image, without the batch. */
  readonly inputShape: readonly [number, number, number];
  /** In topological order; the last one is the output. */
  readonly layers: readonly Layer[];
  /** One a class, in the order of the last layer's channels. */
  readonly classNames?: readonly string[];
  readonly preprocessing?: Preprocessing;
  /** Whether nothing says `preprocessing`: it is what nets out of such files most often want. */
  readonly preprocessingAssumed?: boolean;
}

/** The name by which layers refer to the graph's own input. */
export const INPUT = 'input';
