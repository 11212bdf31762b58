import { ModelFileError } from '../errors.ts';
import { floatsFromBfloats, floatsFromBytes, floatsFromHalves } from '../half-floats.ts';
import { asArray, asObject, asText, describe } from '../json-checks.ts';

/** The format's own limit, 100 MB; a header of a net of thousands of weights has less than one. */
const LONGEST_HEADER = 100_000_000;

const TYPES = {
  F32: { size: 4, floats: floatsFromBytes },
  F16: { size: 2, floats: floatsFromHalves },
  BF16: { size: 2, floats: floatsFromBfloats },
} as const;

/** A tensor of a state dict; its values are decoded when they are asked for. */
export interface StateTensor {
  readonly shape: readonly number[];
  floats(): Float32Array;
}

/**
 * Reads a safetensors file: 8 bytes with the length of a JSON header, the header, the values.
 * Source: https://github.com/huggingface/safetensors#format
 *
 * @returns tensors of floats by their names; those of other types, which no weight has, are left out.
 * @throws ModelFileError when the file is cut short or contradicts itself.
 */
export function readSafetensors(bytes: Uint8Array): ReadonlyMap<string, StateTensor> {
  const length = headerLength(bytes);
  const values = bytes.subarray(8 + length);
  const { __metadata__, ...entries } = asObject(
    headerOf(bytes.subarray(8, 8 + length)),
    'safetensors header',
  );
  const tensors = new Map<string, StateTensor>();
  for (const [name, value] of Object.entries(entries)) {
    const at = (field: string) => `safetensors: "${name}", ${field}`;
    const entry = asObject(value, at('entry'));
    const type = asText(entry.dtype, at('dtype'));
    const shape = asCounts(entry.shape, at('shape'));
    const [start, end] = asCounts(entry.data_offsets, at('data_offsets'), 2) as [number, number];
    if (!Object.hasOwn(TYPES, type)) continue;
    const { size, floats } = TYPES[type as keyof typeof TYPES];
    const wanted = shape.reduce((a, b) => a * b, size);
    if (end - start !== wanted || end > values.length) {
      throw new ModelFileError({
        asked: at('data_offsets'),
        got: `[${start}, ${end}] of ${values.length} bytes`,
        allowed: `${wanted} bytes inside the file, as its shape [${shape.join(', ')}] says`,
        remedy: 'Download the file again.',
      });
    }
    tensors.set(name, { shape, floats: () => floats(values.subarray(start, end)) });
  }
  return tensors;
}

function headerLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  if (length <= Math.min(LONGEST_HEADER, bytes.length - 8)) return length;
  throw new ModelFileError({
    asked: 'safetensors file',
    got:
      bytes.length < 8 ? `${bytes.length} bytes` : `a header of ${length} bytes in a file of ${bytes.length}`,
    allowed: `a whole file, with a header of at most ${LONGEST_HEADER} bytes`,
    remedy: 'Download the file again.',
  });
}

function headerOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelFileError({
      asked: 'safetensors header',
      got: 'no JSON',
      allowed: 'the bytes of a .safetensors file',
      cause,
    });
  }
}

function asCounts(value: unknown, where: string, length?: number): number[] {
  const list = asArray(value, where);
  const fits = length === undefined || list.length === length;
  if (fits && list.every((one) => Number.isSafeInteger(one) && (one as number) >= 0)) return list as number[];
  throw new ModelFileError({ asked: where, got: describe(value), allowed: 'whole numbers from 0' });
}
