import {
  type Attribute,
  DATA_TYPE,
  type DataType,
  type Dimension,
  encodeModel,
  type FloatType,
  type OnnxConstant,
  type OnnxNode,
  type OnnxPort,
} from './onnx-proto.ts';

type ConstantValues = Float32Array | Float64Array | BigInt64Array | Uint8Array;

/** What a finished graph says of itself. */
export interface GraphDescription {
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Collects the nodes of one ONNX graph. A value is its name; equal constants are stored once. */
export class GraphBuilder {
  readonly inputs: OnnxPort[] = [];
  readonly outputs: OnnxPort[] = [];
  private readonly nodes: OnnxNode[] = [];
  private readonly constants = new Map<string, OnnxConstant>();
  private readonly weights = new Map<Float32Array, Map<string, string>>();
  private readonly nodesByKey = new Map<string, string>();
  private count = 0;

  /** An operator with one output. The same operator on the same values is the same value. */
  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const key = JSON.stringify([type, inputs, attributes]);
    let output = this.nodesByKey.get(key);
    if (output === undefined) {
      output = this.fresh(type);
      this.nodes.push({ type, name: output, inputs, outputs: [output], attributes });
      this.nodesByKey.set(key, output);
    }
    return output;
  }

  /**
   * Weights, told apart by their array and shape: each is stored once, whatever the number of its readers.
   *
   * @param values of the weight
   * @param shape that it is read in
   * @param arrange puts the values in the order of that shape, where they are not
   */
  weight(
    values: Float32Array,
    shape: readonly number[],
    arrange: (values: Float32Array) => Float32Array = (same) => same,
  ): string {
    const names = this.weights.get(values) ?? new Map<string, string>();
    this.weights.set(values, names);
    const known = names.get(String(shape));
    if (known !== undefined) return known;
    const name = this.fresh('weight');
    names.set(String(shape), name);
    this.constants.set(name, constant(name, 'float32', shape, arrange(values)));
    return name;
  }

  floats(shape: readonly number[], values: ArrayLike<number>, type: FloatType = 'float32'): string {
    return this.shared(type, shape, (type === 'float32' ? Float32Array : Float64Array).from(values));
  }

  cast(value: string, type: DataType): string {
    return this.op('Cast', [value], { to: DATA_TYPE[type] });
  }

  /** int64: shapes, indices. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.shared('int64', shape, BigInt64Array.from(values, BigInt));
  }

  bools(shape: readonly number[], values: readonly boolean[]): string {
    return this.shared('bool', shape, Uint8Array.from(values, Number));
  }

  reshape(value: string, shape: readonly number[]): string {
    return this.op('Reshape', [value, this.ints(shape)]);
  }

  /** Part of an axis. */
  slice(value: string, axis: number, from: number, to: number): string {
    return this.op('Slice', [value, this.ints([from]), this.ints([to]), this.ints([axis])]);
  }

  input(name: string, type: DataType, shape: readonly Dimension[], description: string): string {
    this.inputs.push({ name, type, shape, description });
    return name;
  }

  output(value: string, port: OnnxPort): void {
    this.nodes.push({
      type: 'Identity',
      name: port.name,
      inputs: [value],
      outputs: [port.name],
      attributes: {},
    });
    this.outputs.push(port);
  }

  /** The bytes of an .onnx file. */
  encode(description: GraphDescription): Uint8Array {
    return encodeModel({
      ...description,
      nodes: this.nodes,
      constants: [...this.constants.values()],
      inputs: this.inputs,
      outputs: this.outputs,
    });
  }

  private shared(type: DataType, shape: readonly number[], values: ConstantValues): string {
    const key = `${type} ${shape} ${values}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known.name;
    const name = this.fresh('constant');
    this.constants.set(key, constant(name, type, shape, values));
    return name;
  }

  private fresh(kind: string): string {
    return `${kind}_${++this.count}`;
  }
}

function constant(
  name: string,
  type: DataType,
  shape: readonly number[],
  values: ConstantValues,
): OnnxConstant {
  return { name, type, shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}
