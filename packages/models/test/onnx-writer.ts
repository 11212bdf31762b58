import protobuf from 'protobufjs';

/** Written down from onnx.proto3 on its own, with more than the reader knows. */
const PROTO = `syntax = "proto3";
message Entry { string key = 1; string value = 2; }
message Tensor {
  repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; repeated int32 int32_data = 5;
  repeated int64 int64_data = 7; string name = 8; bytes raw_data = 9; string doc_string = 12;
  repeated Entry external_data = 13; int32 data_location = 14;
}
message Attribute {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4; Tensor t = 5; repeated float floats = 7;
  repeated int64 ints = 8; int32 type = 20;
}
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5; string doc_string = 6; string domain = 7;
}
message Dim { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message Shape { repeated Dim dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message Port { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated Port input = 11;
  repeated Port output = 12;
}
message Opset { string domain = 1; int64 version = 2; }
message Model {
  int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated Opset opset_import = 8;
}`;

const Model = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Model');
const FLOAT = 1;

export type TensorFields = Readonly<Record<string, unknown>>;

/** Whole numbers, lists of them, texts, tensors (`{ data_type: ... }`), or floats (`{ float: 0.1 }`). */
export type AttributeValue = number | readonly number[] | string | TensorFields;

/** Grows a graph as an exporter traces a net: each call adds a node and gives the name of its output. */
export class OnnxWriter {
  private readonly nodes: object[] = [];
  private readonly initializers: TensorFields[] = [];
  private readonly dims: readonly (number | string)[];
  readonly input = 'input';

  constructor(...dims: readonly (number | string)[]) {
    this.dims = dims;
  }

  node(type: string, inputs: readonly string[], attributes: Record<string, AttributeValue> = {}): string {
    const name = `/${type}_${this.nodes.length}`;
    const output = `${name}_output_0`;
    const attribute = Object.entries(attributes).map(([key, value]) => ({ name: key, ...encoded(value) }));
    this.nodes.push({ input: inputs, output: [output], name, op_type: type, attribute });
    return output;
  }

  floats(dims: readonly number[], values: Float32Array): string {
    return this.tensor({ dims, data_type: FLOAT, raw_data: new Uint8Array(values.buffer) });
  }

  ints(values: readonly number[], dims = [values.length]): string {
    return this.tensor({ dims, data_type: 7, int64_data: values });
  }

  tensor(fields: TensorFields): string {
    const name = `weight_${this.initializers.length}`;
    this.initializers.push({ name, ...fields });
    return name;
  }

  finish(...outputs: readonly string[]): Uint8Array {
    const dim = this.dims.map((size) =>
      typeof size === 'number' ? { dim_value: size } : { dim_param: size },
    );
    const port = (name: string, shape?: object) => ({
      name,
      type: { tensor_type: { elem_type: FLOAT, ...(shape && { shape }) } },
    });
    return Model.encode(
      Model.create({
        ir_version: 8,
        producer_name: 'pytorch',
        opset_import: [{ domain: '', version: 13 }],
        graph: {
          name: 'main_graph',
          node: this.nodes,
          initializer: this.initializers,
          input: [port(this.input, { dim })],
          output: outputs.map((name) => port(name)),
        },
      }),
    ).finish();
  }
}

function encoded(value: AttributeValue): object {
  if (typeof value === 'number') return { i: value, type: 2 };
  if (typeof value === 'string') return { s: new TextEncoder().encode(value), type: 3 };
  if (Array.isArray(value)) return { ints: value, type: 7 };
  if ('float' in (value as object)) return { f: (value as { float: number }).float, type: 1 };
  return { t: value, type: 4 };
}
