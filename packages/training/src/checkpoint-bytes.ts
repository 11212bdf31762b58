import type { Checkpoint } from './checkpoint.ts';
import { TrainingError } from './errors.ts';
import type { ParameterMap } from './graph-weights.ts';

/** "CLEARCP1": the first bytes of a checkpoint. */
const MAGIC = new TextEncoder().encode('CLEARCP1');
const HEADER_AT = MAGIC.length + 4;

type Table = readonly (readonly [key: string, length: number])[];
type Values = Map<string, Float32Array>;

/**
 * A checkpoint as bytes: "CLEARCP1", the header's length (uint32, little-endian), the header as JSON padded with
 * blanks to a multiple of 4, then the float32 values (little-endian) in the order of the header's tables: weights,
 * moments, weights of the best epoch and, only where weights are averaged, the averages.
 */
export function checkpointToBytes(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { trainer, best, ...rest } = checkpoint;
  const { weights, moments, averages } = trainer;
  const parts = [weights, moments, best.weights, ...(averages ? [averages] : [])];
  const tables = parts.map(tableOf);
  const header = JSON.stringify({
    ...rest,
    trainer: { step: trainer.step },
    best: { epoch: best.epoch, evaluation: best.evaluation },
    tables,
  });
  const text = new TextEncoder().encode(header);
  const headerLength = Math.ceil(text.length / 4) * 4;
  const values = parts.flatMap((part) => [...part.values()]);
  const total = values.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(HEADER_AT + headerLength + 4 * total);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, headerLength, true);
  bytes.fill(0x20, HEADER_AT, HEADER_AT + headerLength);
  bytes.set(text, HEADER_AT);
  let at = HEADER_AT + headerLength;
  for (const part of values) {
    for (const value of part) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

/** @throws TrainingError when the bytes are no checkpoint or a damaged one. */
export function checkpointFromBytes(bytes: Uint8Array, source = 'checkpoint'): Checkpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_AT || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new TrainingError({
      asked: source,
      got: `${bytes.length} bytes that do not begin with "CLEARCP1"`,
      allowed: 'a checkpoint of clearmaps',
    });
  }
  const end = HEADER_AT + view.getUint32(MAGIC.length, true);
  const damaged = (cause?: unknown): TrainingError =>
    new TrainingError({
      asked: source,
      got: `a damaged or truncated checkpoint of ${bytes.length} bytes`,
      remedy: 'Start the run again without it.',
      cause,
    });
  if (end > bytes.length) throw damaged();
  let header: Checkpoint & { readonly tables: readonly [Table, Table, Table, Table?] };
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, end))) as typeof header;
  } catch (cause) {
    throw damaged(cause);
  }
  const { tables, trainer, best, ...rest } = header;
  const wellFormed =
    Array.isArray(tables) &&
    (tables.length === 3 || tables.length === 4) &&
    tables.every(isTable) &&
    typeof trainer?.step === 'number' &&
    typeof best?.epoch === 'number' &&
    Array.isArray(rest.curve);
  if (!wellFormed) throw damaged();
  const total = tables.flat().reduce((sum, [, length]) => sum + length, 0);
  if (end + 4 * total !== bytes.length) throw damaged();
  let at = end;
  const [weights, moments, bestWeights, averages] = (tables as readonly Table[]).map((table) => {
    const part: Values = new Map();
    for (const [key, length] of table) {
      const values = new Float32Array(length);
      for (let i = 0; i < length; i++, at += 4) values[i] = view.getFloat32(at, true);
      part.set(key, values);
    }
    return part;
  }) as [Values, Values, Values, Values?];
  return {
    ...rest,
    trainer: { step: trainer.step, weights, moments, ...(averages && { averages }) },
    best: { ...best, weights: bestWeights },
  };
}

function tableOf(values: ParameterMap<Float32Array>): Table {
  return [...values].map(([key, { length }]) => [key, length] as const);
}

function isTable(table: unknown): table is Table {
  return (
    Array.isArray(table) &&
    table.every(
      (row) =>
        Array.isArray(row) &&
        typeof row[0] === 'string' &&
        Number.isSafeInteger(row[1]) &&
        (row[1] as number) >= 0,
    )
  );
}
