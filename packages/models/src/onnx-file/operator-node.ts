import { type Shape, UnsupportedLayerError } from '@clearmaps/deconvnet/graph';
import { ModelFileError } from '../errors.ts';
import type { GraphBuilder, LayerBody } from '../graph-builder.ts';
import { describe } from '../json-checks.ts';
import { rowsFromChw } from '../torch-weights.ts';
import type { OnnxNode, OnnxTensor } from './onnx-proto.ts';
import { floatsOf, intsOf } from './tensor-values.ts';

/** A value that depends on the picture. */
export interface Activation {
  /** The layer that gives it. */
  readonly layer: string;
  /** As ONNX sees it, the batch first: [B, C, H, W] or [B, C]. */
  readonly dims: readonly number[];
  /** [H, W, C] of a map that was flattened: ONNX counts its values as [C, H, W], the layer as [H, W, C]. */
  readonly flattened?: Shape;
}

export type Value = Activation | { readonly constant: OnnxTensor };

/** One row of the tables of operators: what the node gives. */
export type Operator = (node: OperatorNode) => Value;

/** A node with its inputs at hand, checked as they are asked for; an absent attribute has ONNX' default. */
export class OperatorNode {
  constructor(
    private readonly node: OnnxNode,
    private readonly values: ReadonlyMap<string, Value>,
    private readonly builder: GraphBuilder,
  ) {}

  at(what: string): string {
    return `layer "${nameOf(this.node)}" (${this.node.type}), ${what}`;
  }

  refuse(what: string, got: string, allowed: string): never {
    throw new UnsupportedLayerError({ asked: this.at(what), got, allowed });
  }

  /** How many inputs the node lists. */
  get inputCount(): number {
    return this.node.inputs.length;
  }

  /** undefined where the node leaves the input out. */
  input(i: number): Value | undefined {
    const name = this.node.inputs[i];
    if (name === undefined || name === '') return undefined;
    const value = this.values.get(name);
    if (value) return value;
    throw new ModelFileError({
      asked: this.at(`input ${i + 1}`),
      got: `"${name}", which no earlier node gives`,
      allowed: 'nodes in an order in which they can run, without cycles',
    });
  }

  activation(i = 0): Activation {
    const value = this.input(i);
    if (value && 'layer' in value) return value;
    return this.refuse(
      `input ${i + 1}`,
      value ? 'a constant' : 'nothing',
      'a value that depends on the picture',
    );
  }

  constant(i: number): OnnxTensor | undefined {
    const value = this.input(i);
    if (value === undefined || 'constant' in value) return value?.constant;
    return this.refuse(`input ${i + 1}`, 'a value that depends on the picture', 'a constant');
  }

  /** @throws ModelFileError where the input is left out. */
  weight(i: number, rank: number): OnnxTensor {
    const tensor = this.constant(i);
    if (tensor?.shape.length === rank && tensor.shape.every((size) => size >= 1)) return tensor;
    throw new ModelFileError({
      asked: this.at(`input ${i + 1}`),
      got: tensor ? `shape [${tensor.shape.join(', ')}]` : 'nothing',
      allowed: `a tensor of rank ${rank}, sizes from 1`,
    });
  }

  floats(i: number): Float32Array | undefined {
    const tensor = this.constant(i);
    return tensor && floatsOf(tensor);
  }

  ints(i: number): number[] | undefined {
    const tensor = this.constant(i);
    return tensor && intsOf(tensor);
  }

  has(attribute: string): boolean {
    return this.node.attributes.has(attribute);
  }

  int(attribute: string, otherwise: number): number {
    return this.node.attributes.get(attribute)?.int ?? otherwise;
  }

  float(attribute: string, otherwise: number): number {
    return this.node.attributes.get(attribute)?.float ?? otherwise;
  }

  text(attribute: string, otherwise: string): string {
    return this.node.attributes.get(attribute)?.text ?? otherwise;
  }

  intList(attribute: string): readonly number[] | undefined {
    return this.node.attributes.get(attribute)?.ints;
  }

  tensor(attribute: string): OnnxTensor | undefined {
    return this.node.attributes.get(attribute)?.tensor;
  }

  /** Refuses a setting that changes the meaning of the node. */
  needs(attribute: string, allowed: readonly (number | string)[]): void {
    const value = this.node.attributes.get(attribute);
    if (value === undefined || allowed.includes(value.text || value.int)) return;
    this.refuse(attribute, describe(value.text || value.int), allowed.join(', '));
  }

  /** [H, W, C] or [C] of the layer that gives a value. */
  shape({ layer }: Activation): Shape {
    return this.builder.shape(layer);
  }

  /** Adds layers one behind the other; [H, W, C] of the last is [B, C, H, W] to ONNX. */
  emit(bodies: readonly LayerBody[], inputs: readonly Activation[], dims?: readonly number[]): Activation {
    const name = this.builder.freeName(nameOf(this.node));
    const layer = this.builder.chain(
      bodies,
      name,
      inputs.map((input) => input.layer),
    );
    const shape = this.builder.shape(layer);
    const [batch] = inputs[0]!.dims as [number];
    const [height, width, channels] = shape.length === 3 ? shape : [1, 1, shape[0]];
    return { layer, dims: dims ?? [batch, channels!, height!, width!] };
  }

  /** A layer that keeps the shape and treats all values alike. */
  emitElementwise(body: LayerBody, input = this.activation()): Activation {
    const { flattened } = input;
    return { ...this.emit([body], [input], input.dims), ...(flattened && { flattened }) };
  }

  /** Numbers that belong to the channels of a value, in the order of the layer's channels. */
  perChannel(values: Float32Array, { dims, flattened }: Activation, what: string): Float32Array {
    if (values.length !== dims[1]) {
      throw new ModelFileError({
        asked: this.at(what),
        got: `${values.length} values`,
        allowed: `${dims[1]}, one a channel`,
      });
    }
    return flattened ? rowsFromChw({ shape: [values.length], values }, flattened).values : values;
  }
}

/** Names of nodes may be left out; those of values may not. */
export function nameOf({ name, outputs }: OnnxNode): string {
  return name || outputs[0] || 'node';
}
