import { ClearmapsError } from '@clearmaps/errors';

/** No backend of the caller's list could be started. */
export class BackendError extends ClearmapsError {
  override readonly name = 'BackendError';
}
