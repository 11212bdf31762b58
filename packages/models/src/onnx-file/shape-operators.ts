import { ModelFileError } from '../errors.ts';
import type { OnnxTensor } from './onnx-proto.ts';
import type { Operator, OperatorNode, Value } from './operator-node.ts';
import { intsOf } from './tensor-values.ts';

const INT64 = 7;

/** Constants, and the arithmetic with sizes that exporters leave before a Reshape: it depends on no picture. */
export const SHAPE_OPERATORS: Readonly<Record<string, Operator>> = {
  Constant: (node) => {
    const tensor = node.tensor('value');
    if (tensor) return { constant: tensor };
    if (node.has('value_int')) return sizes([node.int('value_int', 0)], []);
    if (node.has('value_ints')) return sizes(node.intList('value_ints')!);
    if (node.has('value_float')) return number(node.float('value_float', 0));
    return node.refuse('value', 'another kind of constant', 'value, value_int, value_ints, value_float');
  },
  Shape: (node) => {
    const { dims } = node.activation();
    return sizes(dims.slice(node.int('start', 0), node.has('end') ? node.int('end', 0) : undefined));
  },
  Gather: (node) => {
    node.needs('axis', [0]);
    const from = node.ints(0) ?? [];
    const index = node.constant(1);
    const at = index ? intsOf(index) : [];
    const picked = at.map((i) => from.at(i));
    if (picked.length === 0 || picked.some((size) => size === undefined)) {
      throw new ModelFileError({
        asked: node.at('indices'),
        got: `[${at.join(', ')}]`,
        allowed: `places among ${from.length} sizes`,
      });
    }
    return sizes(picked as number[], index!.shape);
  },
  Unsqueeze: (node) => sizes(node.ints(0) ?? []),
  Cast: (node) => node.input(0)!,
};

/** Lists of sizes one behind the other. */
export function concatenatedSizes(node: OperatorNode, parts: readonly Value[]): Value {
  return sizes(parts.flatMap((_, i) => node.ints(i) ?? []));
}

function sizes(ints: readonly number[], shape: readonly number[] = [ints.length]): Value {
  return { constant: { name: 'sizes', shape, dataType: INT64, ints } };
}

function number(value: number): Value {
  const bytes = new Uint8Array(Float32Array.of(value).buffer);
  const constant: OnnxTensor = { name: 'number', shape: [], dataType: 1, ints: [], bytes };
  return { constant };
}
