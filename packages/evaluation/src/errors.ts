import { ClearmapsError } from '@clearmaps/errors';

/** Something that cannot be measured: images that do not fit the net, a share out of range, nothing to measure on. */
export class EvaluationError extends ClearmapsError {
  override readonly name = 'EvaluationError';
}
