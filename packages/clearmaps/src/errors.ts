import { ClearmapsError } from '@clearmaps/errors';

/** No backend of the caller's list could be started. */
export class BackendError extends ClearmapsError {
  override readonly name = 'BackendError';
}

/** What was given to explain is no image that the net could take. */
export class ImageError extends ClearmapsError {
  override readonly name = 'ImageError';
}

/** Classes or groups that the model does not have, or that nobody could draw. */
export class ClassChoiceError extends ClearmapsError {
  override readonly name = 'ClassChoiceError';
}
