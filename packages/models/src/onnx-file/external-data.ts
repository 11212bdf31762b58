import { ModelFileError } from '../errors.ts';
import { describe } from '../json-checks.ts';
import { decodeOnnx, type OnnxModel, type OnnxTensor } from './onnx-proto.ts';
import { byteLength } from './tensor-values.ts';

/** Bytes of files beside an .onnx file, by the paths that the model gives them. */
export type ExternalData = ReadonlyMap<string, Uint8Array>;

/** A file that the weights of a model lie in. */
export interface ExternalFile {
  /** Relative to the .onnx file; as the model says it, so not to be trusted. */
  readonly path: string;
  /** Up to the end of the last weight in it. */
  readonly bytes: number;
}

/**
 * The files besides itself that an .onnx file needs; none for most.
 *
 * @throws ModelFileError as `graphFromOnnx` does.
 */
export function externalFilesOf(bytes: Uint8Array): readonly ExternalFile[] {
  const ends = new Map<string, number>();
  for (const tensor of decodeOnnx(bytes).initializers) {
    if (!tensor.external) continue;
    const { path, end } = placeOf(tensor, tensor.external);
    ends.set(path, Math.max(end, ends.get(path) ?? 0));
  }
  return [...ends].map(([path, end]) => ({ path, bytes: end }));
}

/** The model with the values of all its weights. */
export function withExternalData(model: OnnxModel, data: ExternalData = new Map()): OnnxModel {
  const initializers = model.initializers.map((tensor) => {
    if (!tensor.external) return tensor;
    const { path, offset, end } = placeOf(tensor, tensor.external);
    const file = data.get(path);
    if (!file) {
      throw new ModelFileError({
        asked: `weight "${tensor.name}"`,
        got: `no file "${path}"`,
        remedy: 'Give it in `externalData`, or keep it beside the model and use `readModel`.',
      });
    }
    return { ...tensor, bytes: file.subarray(offset, end) };
  });
  return { ...model, initializers };
}

function placeOf(tensor: OnnxTensor, external: ReadonlyMap<string, string>) {
  const whole = (key: string, otherwise: number): number => {
    const text = external.get(key);
    const value = text === undefined || text === '' ? otherwise : Number(text);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new ModelFileError({
      asked: `weight "${tensor.name}": ${key} in its file`,
      got: describe(text),
      allowed: 'a whole number of bytes',
    });
  };
  const path = external.get('location') ?? '';
  const offset = whole('offset', 0);
  const length = whole('length', byteLength(tensor));
  return { path, offset, end: offset + length };
}
