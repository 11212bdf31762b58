import { ClearmapsError } from '@clearmaps/errors';

/** A property of the element that does not fit its explanation. */
export class ElementError extends ClearmapsError {
  override readonly name = 'ElementError';
}
