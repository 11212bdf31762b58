import protobuf from 'protobufjs';

/**
 * The part of onnx.proto3 that a float network needs, with its field numbers.
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, Copyright (c) ONNX Project Contributors,
 * Apache-2.0.
 */
const ONNX_PROTO = `
syntax = "proto3";
package onnx;
message AttributeProto {
  string name = 1;
  float f = 2;
  int64 i = 3;
  bytes s = 4;
  repeated int64 ints = 8;
  int32 type = 20;
}
message ValueInfoProto { string name = 1; TypeProto type = 2; string doc_string = 3; }
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  string name = 3;
  string op_type = 4;
  repeated AttributeProto attribute = 5;
}
message ModelProto {
  int64 ir_version = 1;
  string producer_name = 2;
  string doc_string = 6;
  GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
}
message StringStringEntryProto { string key = 1; string value = 2; }
message GraphProto {
  repeated NodeProto node = 1;
  string name = 2;
  repeated TensorProto initializer = 5;
  string doc_string = 10;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
}
message TensorProto {
  repeated int64 dims = 1;
  int32 data_type = 2;
  string name = 8;
  bytes raw_data = 9;
}
message TensorShapeProto {
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  repeated Dimension dim = 1;
}
message TypeProto {
  message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
  Tensor tensor_type = 1;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
`;

/** AttributeProto.AttributeType. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** TensorProto.DataType. */
export const DATA_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;

export type DataType = keyof typeof DATA_TYPE;

/** Of the numbers that a net computes with. */
export type FloatType = 'float32' | 'float64';

/** Floats are written `{ float: 0.5 }`, since 1 is a whole number to JavaScript. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A size, or the name of one that is only known when the model runs. */
export type Dimension = number | string;

export interface OnnxNode {
  readonly type: string;
  readonly name: string;
  /** Names of values; '' for one left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxConstant {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array;
}

/** An input or output of the whole graph. */
export interface OnnxPort {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly Dimension[];
  readonly description: string;
}

export interface OnnxGraph {
  readonly name: string;
  readonly description: string;
  /** In an order in which they can run. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Operators of opset 13 and a file format of that time: onnxruntime 1.7 (2021) and all later ones read it. */
const OPSET = 13;
const IR_VERSION = 7;

const model = protobuf.parse(ONNX_PROTO, { keepCase: true }).root.lookupType('onnx.ModelProto');

/** The bytes of an .onnx file. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const message = {
    ir_version: IR_VERSION,
    producer_name: 'clearmaps',
    doc_string: graph.description,
    opset_import: [{ domain: '', version: OPSET }],
    metadata_props: Object.entries(graph.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(({ type, name, inputs, outputs, attributes }) => ({
        input: inputs,
        output: outputs,
        name,
        op_type: type,
        attribute: Object.entries(attributes).map(attribute),
      })),
      initializer: graph.constants.map(({ name, type, shape, bytes }) => ({
        dims: shape,
        data_type: DATA_TYPE[type],
        name,
        raw_data: bytes,
      })),
      input: graph.inputs.map(port),
      output: graph.outputs.map(port),
    },
  };
  return model.encode(model.create(message)).finish();
}

function attribute([name, value]: [string, Attribute]) {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE.int };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: ATTRIBUTE.string };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE.float };
  return { name, ints: value, type: ATTRIBUTE.ints };
}

function port({ name, type, shape, description }: OnnxPort) {
  const dim = shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return {
    name,
    doc_string: description,
    type: { tensor_type: { elem_type: DATA_TYPE[type], shape: { dim } } },
  };
}
