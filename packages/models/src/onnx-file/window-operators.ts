import type { Border, Padding, Pair } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { LayerBody } from '../graph-builder.ts';
import { asSizes } from '../json-checks.ts';
import { kernelFromOihw } from '../torch-weights.ts';
import type { Activation, Operator, OperatorNode } from './operator-node.ts';
import { floatsOf } from './tensor-values.ts';

const NO_BORDER: Border = [
  [0, 0],
  [0, 0],
];

export const WINDOW_OPERATORS: Readonly<Record<string, Operator>> = {
  Conv: (node) => {
    const tensor = node.weight(1, 4);
    const kernel = kernelFromOihw(floatsOf(tensor), tensor.shape);
    const bias = node.floats(2);
    const dilations = pair(node, 'dilations');
    const groups = node.int('group', 1);
    const body: LayerBody = {
      type: 'conv2d',
      kernel,
      ...(bias && { bias: { shape: [bias.length], values: bias } }),
      strides: pair(node, 'strides'),
      padding: padding(node),
      ...(dilations.some((d) => d !== 1) && { dilations }),
      ...(groups !== 1 && { groups }),
    };
    return node.emit([body], [node.activation()]);
  },
  MaxPool: (node) => {
    node.needs('storage_order', [0]);
    const x = node.activation();
    const { poolSize, strides } = pool(node);
    const max: LayerBody = { type: 'maxPool2d', poolSize, strides, padding: ceiled(node, x, padding(node)) };
    return node.emit([max], [x]);
  },
  AveragePool: (node) => {
    const x = node.activation();
    const { poolSize, strides } = pool(node);
    const around = padding(node);
    const mean = (border: Padding): LayerBody => ({
      type: 'averagePool2d',
      poolSize,
      strides,
      padding: border,
    });
    if (node.int('count_include_pad', 0) === 0 || around === 'valid') {
      return node.emit([mean(ceiled(node, x, around))], [x]);
    }
    if (around === 'same') return node.refuse('count_include_pad', '1 with auto_pad', 'pads in numbers');
    // What ceil_mode adds at the end is not counted all the same, as in PyTorch.
    const [y, z] = ceiled(node, x, around) as Border;
    const added: Border = [
      [0, y[1] - around[0][1]],
      [0, z[1] - around[1][1]],
    ];
    return node.emit([{ type: 'zeroPadding2d', padding: around }, mean(compact(added))], [x]);
  },
  Pad: (node) => {
    const x = node.activation();
    node.needs('mode', ['constant']);
    const pads = node.intList('pads') ?? node.ints(1) ?? [];
    const value = node.has('value') ? node.float('value', 0) : (node.floats(2)?.[0] ?? 0);
    if (value !== 0) node.refuse('value', String(value), '0');
    if (node.input(3)) node.refuse('axes', 'a list', 'pads for all axes');
    if (pads.every((size) => size === 0)) return x;
    const rank = x.dims.length;
    const isSpatial = rank === 4 && pads.length === 8 && [0, 1, 4, 5].every((i) => pads[i] === 0);
    if (!isSpatial) node.refuse('pads', `[${pads.join(', ')}]`, '[0, 0, top, left, 0, 0, bottom, right]');
    return node.emit(
      [{ type: 'zeroPadding2d', padding: border(node, [pads[2]!, pads[3]!, pads[6]!, pads[7]!]) }],
      [x],
    );
  },
};

function pair(node: OperatorNode, attribute: string): Pair {
  return asSizes(node.intList(attribute) ?? [1, 1], node.at(attribute), 2) as unknown as Pair;
}

function pool(node: OperatorNode): { poolSize: Pair; strides: Pair } {
  const dilations = pair(node, 'dilations');
  if (dilations.some((d) => d !== 1)) node.refuse('dilations', `[${dilations}]`, '[1, 1]');
  return {
    poolSize: asSizes(node.intList('kernel_shape'), node.at('kernel_shape'), 2) as unknown as Pair,
    strides: pair(node, 'strides'),
  };
}

/** SAME_UPPER is TensorFlow's 'same'. */
function padding(node: OperatorNode): Padding {
  const automatic = node.text('auto_pad', 'NOTSET');
  if (automatic === 'SAME_UPPER') return 'same';
  if (automatic === 'VALID') return 'valid';
  node.needs('auto_pad', ['NOTSET', 'SAME_UPPER', 'VALID']);
  return compact(border(node, node.intList('pads') ?? [0, 0, 0, 0]));
}

/** ONNX' [top, left, bottom, right]. */
function border(node: OperatorNode, pads: readonly number[]): Border {
  if (pads.length !== 4 || !pads.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ModelFileError({
      asked: node.at('pads'),
      got: `[${pads.join(', ')}]`,
      allowed: 'four whole numbers from 0: top, left, bottom, right',
    });
  }
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return [
    [top, bottom],
    [left, right],
  ];
}

function compact(sides: Border): Padding {
  return sides.flat().every((size) => size === 0) ? 'valid' : sides;
}

/** With ceil_mode a window may hang over the end; one that starts beyond the last pixel and its padding is dropped. */
function ceiled(node: OperatorNode, { dims }: Activation, around: Padding): Padding {
  if (node.int('ceil_mode', 0) === 0 || around === 'same') return around;
  const { poolSize, strides } = pool(node);
  const sides = around === 'valid' ? NO_BORDER : around;
  return compact(
    [0, 1].map((axis) => {
      const [before, after] = sides[axis]!;
      const size = dims[2 + axis]!;
      const [kernel, stride] = [poolSize[axis]!, strides[axis]!];
      const whole = before + size + after;
      let windows = Math.ceil((whole - kernel) / stride) + 1;
      if ((windows - 1) * stride >= before + size) windows--;
      const missing = (windows - 1) * stride + kernel - whole;
      return [before, after + Math.max(0, missing)];
    }) as unknown as Border,
  );
}
