import { ClearmapsError } from '@clearmaps/errors';

/** A data set that cannot be read: missing, truncated or mixed-up files, labels that do not fit their images. */
export class DatasetError extends ClearmapsError {
  override readonly name = 'DatasetError';
}
