import { ClearmapsError } from '@clearmaps/errors';

/** `onnxruntime-node` is not installed, or has no binary for this machine. */
export class MissingRuntimeError extends ClearmapsError {
  override readonly name = 'MissingRuntimeError';
}
