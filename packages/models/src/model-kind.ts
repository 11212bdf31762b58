import { ModelFileError } from './errors.ts';

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const ZIP_SIGNATURE = [0x50, 0x4b];

/** The kinds of model files that clearmaps reads. */
export type ModelKind = 'LayersModel' | 'HDF5' | 'ONNX' | 'safetensors';

/**
 * Which kind of model a file is, by its content.
 *
 * @param start the first 16 bytes of the file, or all where it has fewer
 * @param file its name or path, for the message; a `.json` or `.onnx` at its end decides where the content does not
 * @throws ModelFileError with what to do, for anything else.
 */
export function modelKind(start: Uint8Array, file: string): ModelKind {
  const starts = (signature: readonly number[]) => signature.every((byte, i) => start[i] === byte);
  const noModel = (got: string, remedy: string): ModelFileError =>
    new ModelFileError({
      asked: `model ${file}`,
      got,
      allowed: 'a TensorFlow.js LayersModel (model.json), Keras HDF5, ONNX, safetensors of a torchvision VGG',
      remedy,
    });
  const text = new TextDecoder().decode(start).trimStart();
  // Pages that servers send for a file, and an empty model.json, get the words of the reader of model.json.
  if (text.startsWith('{') || text.startsWith('[') || text.startsWith('<') || /\.json$/.test(file))
    return 'LayersModel';
  if (start.length === 0) throw noModel('an empty file (0 bytes)', 'Download it again, or save it anew.');
  if (starts(HDF5_SIGNATURE)) return 'HDF5';
  // Its header is JSON behind eight bytes of length, of which no real header needs more than four.
  if (start[8] === '{'.charCodeAt(0) && start[5] === 0 && start[6] === 0 && start[7] === 0)
    return 'safetensors';
  // The first field of a ModelProto is its version, a varint.
  if (start[0] === 0x08 || /\.onnx$/.test(file)) return 'ONNX';
  throw noModel(
    starts(ZIP_SIGNATURE)
      ? 'a zip archive: a .keras file, or a checkpoint of PyTorch'
      : 'a file of no known kind',
    "Save it with model.save('model.h5') in Keras, or with torch.onnx.export in PyTorch.",
  );
}
