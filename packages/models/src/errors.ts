import { ClearmapsError } from '@clearmaps/errors';

/** A model file that cannot be read or written: missing parts, weights that contradict the topology. */
export class ModelFileError extends ClearmapsError {
  override readonly name = 'ModelFileError';
}

/** A picture that does not fit the network's input, or a preprocessing that contradicts itself. */
export class PictureError extends ClearmapsError {
  override readonly name = 'PictureError';
}
