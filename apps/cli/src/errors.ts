import { ClearmapsError } from '@clearmaps/errors';

/** An argument or an input that the command line cannot use. */
export class UsageError extends ClearmapsError {
  override readonly name = 'UsageError';
}

/** A place that cannot be written to. */
export class OutputError extends ClearmapsError {
  override readonly name = 'OutputError';
}
