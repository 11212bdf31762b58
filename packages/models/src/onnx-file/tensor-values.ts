import { ModelFileError } from '../errors.ts';
import {
  copied,
  floatsFromBfloats,
  floatsFromBytes,
  floatsFromHalves,
  halfToNumber,
} from '../half-floats.ts';
import type { OnnxTensor } from './onnx-proto.ts';

/** TensorProto.DataType; those with a size are the ones that can be read. */
const TYPES: Readonly<Record<number, { readonly name: string; readonly size?: number }>> = {
  1: { name: 'float', size: 4 },
  2: { name: 'uint8' },
  3: { name: 'int8' },
  6: { name: 'int32', size: 4 },
  7: { name: 'int64', size: 8 },
  9: { name: 'bool' },
  10: { name: 'float16', size: 2 },
  11: { name: 'double', size: 8 },
  16: { name: 'bfloat16', size: 2 },
};

/** How many bytes the values of a tensor take up, as its shape and type say. @throws ModelFileError */
export function byteLength(tensor: OnnxTensor): number {
  const { size, name } = typeOf(tensor);
  const bytes = elementCount(tensor) * (size ?? 0);
  if (size !== undefined) return bytes;
  return refuse(tensor, name, `${READABLE}`);
}

/** @throws ModelFileError for other types, and where the values are more or fewer than the shape says. */
export function floatsOf(tensor: OnnxTensor): Float32Array {
  const { name } = typeOf(tensor);
  const { bytes, ints } = tensor;
  if (name === 'float16' && bytes === undefined)
    return counted(tensor, Float32Array.from(ints, halfToNumber));
  const held = checked(tensor);
  if (name === 'float') return floatsFromBytes(held);
  if (name === 'float16') return floatsFromHalves(held);
  if (name === 'bfloat16') return floatsFromBfloats(held);
  if (name === 'double') return Float32Array.from(new Float64Array(copied(held)));
  return refuse(tensor, name, 'float, float16, bfloat16, double');
}

/** Sizes, axes and the like. @throws ModelFileError as `floatsOf` does. */
export function intsOf(tensor: OnnxTensor): number[] {
  const { name } = typeOf(tensor);
  if (name !== 'int32' && name !== 'int64') return refuse(tensor, name, 'int32, int64');
  if (tensor.bytes === undefined) return counted(tensor, [...tensor.ints]);
  const buffer = copied(checked(tensor));
  return name === 'int32' ? [...new Int32Array(buffer)] : Array.from(new BigInt64Array(buffer), Number);
}

function checked(tensor: OnnxTensor): Uint8Array {
  const wanted = byteLength(tensor);
  const held = tensor.bytes ?? new Uint8Array();
  if (held.length === wanted) return held;
  throw new ModelFileError({
    asked: `weight "${tensor.name}"`,
    got: tensor.external
      ? `${held.length} bytes in "${tensor.external.get('location')}"`
      : `${held.length} bytes`,
    allowed: `${wanted}, as its shape [${tensor.shape.join(', ')}] says`,
    remedy: 'Take the model and its weight files from the same export.',
  });
}

function counted<T extends ArrayLike<number>>(tensor: OnnxTensor, values: T): T {
  if (values.length === elementCount(tensor)) return values;
  throw new ModelFileError({
    asked: `weight "${tensor.name}"`,
    got: `${values.length} values`,
    allowed: `${elementCount(tensor)}, as its shape [${tensor.shape.join(', ')}] says`,
  });
}

function elementCount({ name, shape }: OnnxTensor): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(count))
    return count;
  throw new ModelFileError({
    asked: `weight "${name}": shape`,
    got: `[${shape.join(', ')}]`,
    allowed: 'whole numbers from 0',
  });
}

function typeOf({ dataType }: OnnxTensor): { readonly name: string; readonly size?: number } {
  return TYPES[dataType] ?? { name: `number ${dataType} of TensorProto.DataType` };
}

const READABLE = Object.values(TYPES)
  .filter(({ size }) => size !== undefined)
  .map(({ name }) => name)
  .join(', ');

function refuse(tensor: OnnxTensor, got: string, allowed: string): never {
  throw new ModelFileError({
    asked: `weight "${tensor.name}": type`,
    got,
    allowed,
    remedy: 'Export the model with float weights, not quantised.',
  });
}
