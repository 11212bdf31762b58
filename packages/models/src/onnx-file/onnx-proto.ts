import { ModelFileError } from '../errors.ts';
import { WireFields } from './wire-fields.ts';

/*
 * The part of onnx.proto3 that describes an image classifier, by its field numbers.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, Copyright (c) ONNX Project Contributors,
 * Apache-2.0.
 */

export interface OnnxModel {
  readonly name: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  /** Names of values. */
  readonly outputs: readonly string[];
}

export interface OnnxNode {
  readonly name: string;
  /** `Conv`; with its domain where that is not ONNX's own: `com.microsoft.FusedConv`. */
  readonly type: string;
  /** Names of values; '' for one left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** All kinds a value can have; those that it has not are 0, '' and []. */
export interface OnnxAttribute {
  readonly float: number;
  readonly int: number;
  readonly text: string;
  readonly ints: readonly number[];
  readonly tensor?: OnnxTensor;
}

/** A tensor as it is stored; `floatsOf` and `intsOf` give its values. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorProto.DataType. */
  readonly dataType: number;
  /** Little-endian; a view of the file. raw_data, or float_data of a float32 tensor. */
  readonly bytes?: Uint8Array;
  /** int32_data, which holds float16 too, or int64_data. */
  readonly ints: readonly number[];
  /** `location`, `offset`, `length` of values that lie in a file beside this one. */
  readonly external?: ReadonlyMap<string, string>;
}

export interface OnnxPort {
  readonly name: string;
  /** undefined for a size that is known only when the model runs. */
  readonly shape: readonly (number | undefined)[];
}

/**
 * Decodes an .onnx file; values of tensors stay views of the bytes given.
 *
 * @throws ModelFileError when the bytes are cut short, or no ONNX model.
 */
export function decodeOnnx(bytes: Uint8Array): OnnxModel {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    throw noModel(`${bytes.length} bytes that are cut short or no ONNX`, cause);
  }
}

function decodeModel(bytes: Uint8Array): OnnxModel {
  const model = new WireFields(bytes);
  const graph = model.message(7);
  if (!graph) throw noModel('a file without a graph');
  return {
    name: graph.text(2),
    metadata: entries(model, 14),
    nodes: graph.messages(1).map(node),
    initializers: graph.messages(5).map(tensor),
    inputs: graph.messages(11).map(port),
    outputs: graph.messages(12).map((output) => output.text(1)),
  };
}

function node(fields: WireFields): OnnxNode {
  const domain = fields.text(7);
  return {
    name: fields.text(3),
    type: domain === '' || domain === 'ai.onnx' ? fields.text(4) : `${domain}.${fields.text(4)}`,
    inputs: fields.texts(1),
    outputs: fields.texts(2),
    attributes: new Map(fields.messages(5).map((one) => [one.text(1), attribute(one)])),
  };
}

function attribute(fields: WireFields): OnnxAttribute {
  const value = fields.message(5);
  return {
    float: fields.number(2),
    int: fields.number(3),
    text: fields.text(4),
    ints: fields.ints(8),
    ...(value && { tensor: tensor(value) }),
  };
}

function tensor(fields: WireFields): OnnxTensor {
  const bytes = fields.bytes(9) ?? fields.floatBytes(4);
  const external = entries(fields, 13);
  return {
    name: fields.text(8),
    shape: fields.ints(1),
    dataType: fields.number(2),
    ints: [...fields.ints(5), ...fields.ints(7)],
    ...(bytes && { bytes }),
    ...(external.size > 0 && { external }),
  };
}

function port(fields: WireFields): OnnxPort {
  // ValueInfoProto.type > TypeProto.tensor_type > Tensor.shape > TensorShapeProto.dim > Dimension.dim_value
  const sizes = fields.message(2)?.message(1)?.message(2)?.messages(1) ?? [];
  return {
    name: fields.text(1),
    shape: sizes.map((size) => (size.number(1) > 0 ? size.number(1) : undefined)),
  };
}

/** A list of StringStringEntryProto. */
function entries(fields: WireFields, field: number): Map<string, string> {
  return new Map(fields.messages(field).map((entry) => [entry.text(1), entry.text(2)]));
}

function noModel(got: string, cause?: unknown): ModelFileError {
  return new ModelFileError({
    asked: 'ONNX model',
    got,
    allowed: 'the bytes of an .onnx file',
    remedy: 'Download or export the file again.',
    cause,
  });
}
