import { ModelFileError } from '../errors.ts';
import { halfToNumber } from '../half-floats.ts';
import { asArray, asNumber, asObject, asText, describe, type JsonObject, oneOf } from '../json-checks.ts';
import type { KerasWeights, StoredWeight } from '../keras/keras-weights.ts';

/** Bytes as a TensorFlow.js model carries them; several buffers count as one, in their order. */
export type WeightBytes = ArrayBuffer | Uint8Array | readonly ArrayBuffer[];

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The type of the stored bytes. */
  readonly stored: keyof typeof BYTES;
  readonly scale: number;
  readonly min: number;
}

const BYTES = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1, complex64: 8 } as const;
const DTYPES = ['float32', 'int32', 'bool', 'complex64'] as const;
const QUANTIZED = ['uint8', 'uint16', 'float16'] as const;

/**
 * Decodes the weights of a TensorFlow.js model, quantised ones (uint8, uint16, float16) included. Does what
 * `tf.io.decodeWeights` does without making tensors, so that no backend is needed to read a file.
 *
 * @param specs the entries of `weightsManifest[].weights`, or `weightSpecs`.
 * @throws ModelFileError for entries that are broken or come twice, types unknown to TensorFlow.js, and when the
 * number of bytes is not the one that the entries add up to.
 */
export function decodeWeights(specs: unknown, bytes: WeightBytes | undefined): KerasWeights {
  const list = asArray(specs, 'weight specs').map(readSpec);
  const data = joinBytes(bytes);
  const promised = list.reduce((sum, spec) => sum + byteLength(spec), 0);
  if (data.length !== promised) {
    throw new ModelFileError({
      asked: 'weights',
      got: `${data.length < promised ? 'a truncated file' : 'trailing bytes'}: ${data.length} bytes`,
      allowed: `the ${promised} bytes of the ${list.length} weights that the model lists`,
      remedy: 'Take model.json and its weight files from the same export.',
    });
  }
  const weights = new Map<string, StoredWeight>();
  let offset = 0;
  for (const spec of list) {
    if (weights.has(spec.name)) {
      throw new ModelFileError({ asked: `weight "${spec.name}"`, got: 'two entries', allowed: 'one' });
    }
    const end = offset + byteLength(spec);
    const { shape, dtype } = spec;
    weights.set(spec.name, {
      shape,
      dtype,
      ...(dtype === 'float32' && { values: decode(spec, data.slice(offset, end).buffer) }),
    });
    offset = end;
  }
  return weights;
}

/**
 * How many bytes the listed weights take up in their file.
 *
 * @throws ModelFileError for entries that are broken.
 */
export function weightBytes(specs: unknown): number {
  return asArray(specs, 'weight specs')
    .map(readSpec)
    .reduce((sum, spec) => sum + byteLength(spec), 0);
}

function readSpec(value: unknown, index: number): WeightSpec {
  const entry = asObject(value, `weight ${index}`);
  const name = asText(entry.name, `weight ${index}: name`);
  const at = (field: string) => `weight "${name}": ${field}`;
  const shape = asArray(entry.shape, at('shape'));
  if (!shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)) {
    throw new ModelFileError({ asked: at('shape'), got: describe(shape), allowed: 'whole numbers from 0' });
  }
  const spec = { name, shape: shape as number[], dtype: oneOf(entry.dtype, DTYPES, at('dtype')) };
  if (entry.quantization === undefined) return { ...spec, stored: spec.dtype, scale: 1, min: 0 };
  const quantization: JsonObject = asObject(entry.quantization, at('quantization'));
  const stored = oneOf(quantization.dtype, QUANTIZED, at('quantization.dtype'));
  if (stored === 'float16') return { ...spec, stored, scale: 1, min: 0 };
  return {
    ...spec,
    stored,
    scale: asNumber(quantization.scale, at('quantization.scale')),
    min: asNumber(quantization.min, at('quantization.min')),
  };
}

function byteLength({ shape, stored }: WeightSpec): number {
  return shape.reduce((size, side) => size * side, 1) * BYTES[stored];
}

function decode({ stored, scale, min }: WeightSpec, buffer: ArrayBuffer): Float32Array {
  if (stored === 'uint8') return Float32Array.from(new Uint8Array(buffer), (byte) => byte * scale + min);
  if (stored === 'uint16') return Float32Array.from(new Uint16Array(buffer), (word) => word * scale + min);
  if (stored === 'float16') return Float32Array.from(new Uint16Array(buffer), halfToNumber);
  return new Float32Array(buffer);
}

function joinBytes(bytes: WeightBytes | undefined): Uint8Array<ArrayBuffer> {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  // A Buffer of Node is one too, but its slice is no copy.
  if (bytes instanceof Uint8Array)
    return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
  if (!Array.isArray(bytes) || !bytes.every((part) => part instanceof ArrayBuffer)) {
    throw new ModelFileError({
      asked: 'weightData',
      got: describe(bytes),
      allowed: 'an ArrayBuffer, several of them, or a Uint8Array',
    });
  }
  const joined = new Uint8Array(bytes.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of bytes) {
    joined.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return joined;
}
