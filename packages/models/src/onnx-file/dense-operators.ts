import type { Shape, Weight } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import { rowsFromChw, transposed } from '../torch-weights.ts';
import type { Activation, Operator, OperatorNode } from './operator-node.ts';
import { floatsOf } from './tensor-values.ts';

export const DENSE_OPERATORS: Readonly<Record<string, Operator>> = {
  Gemm: (node) => {
    node.needs('transA', [0]);
    const tensor = node.weight(1, 2);
    const values = scaled(floatsOf(tensor), node.float('alpha', 1));
    const kernel =
      node.int('transB', 0) === 1 ? transposed(values, tensor.shape) : { shape: tensor.shape, values };
    const bias = node.floats(2);
    return dense(node, kernel, bias && scaled(bias, node.float('beta', 1)));
  },
  MatMul: (node) => {
    const tensor = node.weight(1, 2);
    // A bias comes as an Add behind it, which becomes part of the dense layer when the graph is done.
    return dense(node, { shape: tensor.shape, values: floatsOf(tensor) });
  },
  Flatten: (node) => {
    const x = node.activation();
    node.needs('axis', [1, 1 - x.dims.length]);
    return reshaped(node, x, [x.dims[0]!, x.dims.slice(1).reduce((a, b) => a * b, 1)]);
  },
  Reshape: (node) => {
    const x = node.activation();
    const wanted = node.ints(1) ?? [];
    const copied = wanted.map((size, axis) => (size === 0 ? (x.dims[axis] ?? 0) : size));
    const known = copied.filter((size) => size !== -1).reduce((a, b) => a * b, 1);
    const all = x.dims.reduce((a, b) => a * b, 1);
    return reshaped(
      node,
      x,
      copied.map((size) => (size === -1 ? all / known : size)),
    );
  },
  Squeeze: (node) => {
    const x = node.activation();
    const listed = node.intList('axes') ?? node.ints(1);
    const axes = listed?.map((axis) => (axis < 0 ? axis + x.dims.length : axis));
    const drops = (axis: number) => (axes ? axes.includes(axis) : axis > 0 && x.dims[axis] === 1);
    return reshaped(
      node,
      x,
      x.dims.filter((_, axis) => !drops(axis)),
    );
  },
};

function dense(node: OperatorNode, kernel: Weight, bias?: Float32Array): Activation {
  const x = node.activation();
  const [rows, units] = kernel.shape as [number, number];
  if (x.dims.length !== 2 || x.dims[1] !== rows) {
    throw new ModelFileError({
      asked: node.at('input'),
      got: `[${x.dims.join(', ')}]`,
      allowed: `[batch, ${rows}], as its matrix has rows`,
    });
  }
  const ordered = x.flattened ? rowsFromChw(kernel, x.flattened) : kernel;
  const each = bias?.length === 1 ? new Float32Array(units).fill(bias[0]!) : bias;
  const weights = { kernel: ordered, ...(each && { bias: { shape: [each.length], values: each } }) };
  return node.emit([{ type: 'dense', ...weights }], [x], [x.dims[0]!, units]);
}

/** To [B, C] it is a flatten; between [B, C] and [B, C, 1, 1] only axes come and go. */
function reshaped(node: OperatorNode, x: Activation, dims: readonly number[]): Activation {
  if (String(dims) === String(x.dims)) return x;
  const shape = node.shape(x);
  const size = shape.reduce((a, b) => a * b, 1);
  const isVector = dims.length === 2 && dims[0] === x.dims[0] && dims[1] === size;
  if (shape.length === 1 && (isVector || String(dims) === `${x.dims[0]},${size},1,1`)) return { ...x, dims };
  if (!isVector) {
    node.refuse('shape', `[${x.dims.join(', ')}] to [${dims.join(', ')}]`, `[${x.dims[0]}, ${size}]`);
  }
  const flat = node.emit([{ type: 'flatten' }], [x], dims);
  return keepsOrder(shape) ? flat : { ...flat, flattened: shape };
}

/** [C, H, W] and [H, W, C] are one and the same where there is one place or one channel. */
function keepsOrder([height, width, channels]: Shape): boolean {
  return height! * width! === 1 || channels === 1;
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return factor === 1 ? values : values.map((value) => value * factor);
}
