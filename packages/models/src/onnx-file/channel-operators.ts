import type { Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { normalisation } from '../normalisation.ts';
import type { OnnxTensor } from './onnx-proto.ts';
import type { Activation, Operator, OperatorNode, Value } from './operator-node.ts';
import { concatenatedSizes } from './shape-operators.ts';
import { floatsOf } from './tensor-values.ts';

/** What treats every place alike: activations, normalisation, arithmetic with constants, sums and joins. */
export const CHANNEL_OPERATORS: Readonly<Record<string, Operator>> = {
  Relu: (node) => node.emitElementwise({ type: 'relu' }),
  LeakyRelu: (node) => node.emitElementwise({ type: 'leakyRelu', alpha: node.float('alpha', 0.01) }),
  Clip: (node) => {
    const bound = (attribute: string, i: number, otherwise: number) =>
      node.has(attribute) ? node.float(attribute, otherwise) : (node.floats(i)?.[0] ?? otherwise);
    const low = bound('min', 1, Number.NEGATIVE_INFINITY);
    const high = bound('max', 2, Number.POSITIVE_INFINITY);
    if (low !== 0 || (high !== 6 && high < FLOAT32_MAX)) {
      node.refuse('bounds', `${low} and ${high}`, '0 and 6 (ReLU6), or 0 and none (ReLU)');
    }
    return node.emitElementwise({ type: high === 6 ? 'relu6' : 'relu' });
  },
  Softmax: (node) => {
    node.needs('axis', [1, 1 - node.activation().dims.length]);
    return node.emitElementwise({ type: 'softmax' });
  },
  Identity: (node) => node.input(0)!,
  Dropout: (node) => node.activation(),
  BatchNormalization: (node) => {
    node.needs('training_mode', [0]);
    const x = node.activation();
    const values = (i: number, what: string) => node.perChannel(floatsOf(node.weight(i, 1)), x, what);
    return node.emitElementwise(
      normalisation({
        gamma: values(1, 'scale'),
        beta: values(2, 'B'),
        mean: values(3, 'mean'),
        variance: values(4, 'var'),
        epsilon: node.float('epsilon', 1e-5),
      }),
    );
  },
  GlobalAveragePool: (node) => globalMean(node, true),
  ReduceMean: (node) => {
    const rank = node.activation().dims.length;
    const axes = (node.intList('axes') ?? node.ints(1) ?? []).map((axis) => (axis < 0 ? axis + rank : axis));
    if (rank !== 4 || String([...axes].sort()) !== '2,3') {
      node.refuse('axes', `[${axes.join(', ')}] of ${rank}`, '[2, 3] of 4, the mean over all places');
    }
    return globalMean(node, node.int('keepdims', 1) === 1);
  },
  Add: (node) => sum(node),
  Sum: (node) => sum(node),
  Sub: (node) => {
    const { x, values, constantFirst } = withConstant(node);
    return affine(
      node,
      x,
      constantFirst ? values.map(() => -1) : undefined,
      constantFirst ? values : values.map((value) => -value),
    );
  },
  Mul: (node) => {
    const { x, values } = withConstant(node);
    return affine(node, x, values);
  },
  Div: (node) => {
    const { x, values, constantFirst } = withConstant(node);
    if (constantFirst) node.refuse('first input', 'a constant', 'a value divided by a constant');
    return affine(
      node,
      x,
      values.map((value) => 1 / value),
    );
  },
  Concat: (node) => {
    const values = Array.from({ length: node.inputCount }, (_, i) => node.input(i)!);
    if (values.every((value) => 'constant' in value)) return concatenatedSizes(node, values);
    const parts = values.map((_, i) => node.activation(i));
    const { dims } = parts[0]!;
    node.needs('axis', [1, 1 - dims.length]);
    if (parts.some((part) => part.flattened)) {
      node.refuse('inputs', 'flattened maps', 'maps, or vectors that were no maps');
    }
    const channels = parts.reduce((all, part) => all + part.dims[1]!, 0);
    return parts.length === 1
      ? parts[0]!
      : node.emit([{ type: 'concat' }], parts, [dims[0]!, channels, ...dims.slice(2)]);
  },
};

/** The largest float32: how some exporters say that there is no bound. */
const FLOAT32_MAX = 3.4028234663852886e38;

function globalMean(node: OperatorNode, keepDimensions: boolean): Activation {
  const x = node.activation();
  const dims = keepDimensions ? [x.dims[0]!, x.dims[1]!, 1, 1] : [x.dims[0]!, x.dims[1]!];
  // A vector has one place already.
  if (node.shape(x).length === 1) return { ...x, dims };
  return node.emit([{ type: 'globalAveragePool2d' }], [x], dims);
}

function sum(node: OperatorNode): Value {
  const values = Array.from({ length: node.inputCount }, (_, i) => node.input(i)!);
  if (values.length === 2 && values.some((value) => 'constant' in value)) {
    const { x, values: shift } = withConstant(node);
    return affine(node, x, undefined, shift);
  }
  const parts = values.map((_, i) => node.activation(i));
  const [first] = parts as [Activation];
  const isAlike = ({ dims, flattened }: Activation) =>
    String(dims) === String(first.dims) && String(flattened) === String(first.flattened);
  if (!parts.every(isAlike)) {
    node.refuse(
      'inputs',
      parts.map(({ dims }) => `[${dims.join(', ')}]`).join(' and '),
      'one and the same shape',
    );
  }
  const added = node.emit([{ type: 'add' }], parts, first.dims);
  return first.flattened ? { ...added, flattened: first.flattened } : added;
}

function affine(node: OperatorNode, x: Activation, scale?: Float32Array, shift?: Float32Array): Activation {
  const shape = [x.dims[1]!];
  const weight = (values: Float32Array): Weight => ({ shape, values });
  return node.emitElementwise(
    {
      type: 'affine',
      scale: weight(scale ?? new Float32Array(shape[0]!).fill(1)),
      ...(shift && { shift: weight(shift) }),
    },
    x,
  );
}

/** A value and a constant that has one number, or one a channel. */
function withConstant(node: OperatorNode) {
  const constantFirst = 'constant' in (node.input(0) ?? {});
  const x = node.activation(constantFirst ? 1 : 0);
  const tensor = node.constant(constantFirst ? 0 : 1);
  if (!tensor) {
    throw new ModelFileError({ asked: node.at('inputs'), got: 'one', allowed: 'two' });
  }
  return { x, values: perChannel(node, tensor, x), constantFirst };
}

function perChannel(node: OperatorNode, tensor: OnnxTensor, x: Activation): Float32Array {
  const values = floatsOf(tensor);
  const channels = x.dims[1]!;
  if (values.length === 1) return new Float32Array(channels).fill(values[0]!);
  // Shapes meet at their ends: [C, 1, 1] lies over the last three of [B, C, H, W].
  const axis = tensor.shape.findIndex((size) => size !== 1) - tensor.shape.length + x.dims.length;
  if (axis !== 1 || values.length !== channels) {
    node.refuse(
      'constant',
      `shape [${tensor.shape.join(', ')}]`,
      `one number, or one for each of ${channels} channels`,
    );
  }
  return node.perChannel(values, x, 'constant');
}
