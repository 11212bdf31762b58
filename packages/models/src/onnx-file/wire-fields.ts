import protobuf from 'protobufjs/minimal.js';
import { ModelFileError } from '../errors.ts';

/** A field of two bytes becomes an object of a hundred: more of them than any net has are refused. */
const MOST_FIELDS = 500_000;

/** Counts over all messages of one file. */
export interface FieldBudget {
  used: number;
}

/** One protobuf message as its fields, by their numbers; an absent field has protobuf's default. */
export class WireFields {
  private readonly fields = new Map<number, (number | Uint8Array)[]>();

  /** @throws RangeError, Error of protobufjs where the bytes are cut short or no message. */
  constructor(
    bytes: Uint8Array,
    private readonly budget: FieldBudget = { used: 0 },
  ) {
    const reader = new protobuf.Reader(bytes);
    while (reader.pos < reader.len) {
      spend(budget, 1);
      const tag = reader.tag();
      const [number, wire] = [tag >>> 3, tag & 7];
      if (wire === 0) this.push(number, Number(reader.int64()));
      else if (wire === 2) this.push(number, reader.bytes());
      else if (wire === 5) this.push(number, reader.float());
      else reader.skipType(wire, 0, number);
    }
  }

  private push(number: number, value: number | Uint8Array): void {
    const values = this.fields.get(number);
    if (values) values.push(value);
    else this.fields.set(number, [value]);
  }

  /** A varint or a float; 0 where it is absent. */
  number(field: number): number {
    return (this.fields.get(field) ?? []).findLast((value) => typeof value === 'number') ?? 0;
  }

  bytes(field: number): Uint8Array | undefined {
    return this.blocks(field).at(-1);
  }

  text(field: number): string {
    return decodeText(this.bytes(field) ?? new Uint8Array());
  }

  texts(field: number): string[] {
    return this.blocks(field).map(decodeText);
  }

  message(field: number): WireFields | undefined {
    return this.messages(field).at(-1);
  }

  messages(field: number): WireFields[] {
    return this.blocks(field).map((bytes) => new WireFields(bytes, this.budget));
  }

  /** Whole numbers, packed into one field or a field each. */
  ints(field: number): number[] {
    return (this.fields.get(field) ?? []).flatMap((value) => {
      if (typeof value === 'number') return [value];
      const reader = new protobuf.Reader(value);
      const ints: number[] = [];
      while (reader.pos < reader.len) {
        spend(this.budget, 1);
        ints.push(Number(reader.int64()));
      }
      return ints;
    });
  }

  /** float32 numbers, packed or a field each, as little-endian bytes. */
  floatBytes(field: number): Uint8Array | undefined {
    const values = this.fields.get(field);
    if (values === undefined) return undefined;
    if (values.length === 1 && typeof values[0] !== 'number') return values[0];
    return new Uint8Array(Float32Array.from(values, Number).buffer);
  }

  private blocks(field: number): Uint8Array[] {
    return (this.fields.get(field) ?? []).filter((value) => typeof value !== 'number');
  }
}

const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function spend(budget: FieldBudget, fields: number): void {
  budget.used += fields;
  if (budget.used <= MOST_FIELDS) return;
  throw new ModelFileError({
    asked: 'ONNX model',
    got: `more than ${MOST_FIELDS} fields`,
    allowed: 'the graph of an image classifier, its weights as raw or packed data',
  });
}
