import { ClearmapsError } from '@clearmaps/errors';

/** A method that does not exist, an option that it cannot honour, a net that it does not fit. */
export class MethodError extends ClearmapsError {
  override readonly name = 'MethodError';
}
