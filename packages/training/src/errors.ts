import { ClearmapsError } from '@clearmaps/errors';

/** A training run that cannot start, go on or be resumed: options out of range, data that do not fit the net, a loss that is no number, a damaged checkpoint. */
export class TrainingError extends ClearmapsError {
  override readonly name = 'TrainingError';
}
